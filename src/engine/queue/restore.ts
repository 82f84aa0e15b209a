import { MillraceError } from '../../model/errors.ts';
import type { TaskInput } from '../../model/executor.ts';
import type { BatchRecord } from '../../model/records.ts';
import { type CutRange, cutSource } from '../cut/cut.ts';
import type { BatchRec } from '../live/charts.ts';
import { fromRecord, type LiveBatch } from '../live/live-batch.ts';
import type { LiveSession } from '../live/live-session.ts';

/** Batches of the store with their inputs: slices are in their rows, items are read from the source again, in one pass. */
export async function restoreBatches(session: LiveSession, rows: readonly BatchRecord[]): Promise<LiveBatch[]> {
  const inputs = session.job.slices ? undefined : await readInputs(session, rows);
  return rows.map((row) => fromRecord(row, inputs?.get(row.number) ?? sliceInput(row), recordOf(session, row)));
}

/** The chart's view of a stored batch. */
export function recordOf(session: LiveSession, row: BatchRecord): BatchRec {
  const { attempt, retryAt, suspect, isolation } = row;
  const { attempts: maxAttempts, poison } = session.policies;
  const probing = isolation !== null && isolation.phase !== 'rest';
  return { state: row.state, context: { attempt, maxAttempts, canIsolate: poison === 'isolate', retryAt, suspect, probing } };
}

function sliceInput(row: BatchRecord): TaskInput {
  if (row.slice === null) throw new MillraceError('SOURCE_LOST', `Batch ${row.number} has no slice in the store.`);
  return { type: 'slice', slice: row.slice };
}

async function readInputs(session: LiveSession, rows: readonly BatchRecord[]): Promise<Map<number, TaskInput>> {
  const wanted = new Map(rows.map((row) => [row.number, row]));
  const inputs = new Map<number, TaskInput>();
  const begin = await readFrom(session, rows);
  const cutting = cutSource(session, {
    ...begin,
    wanted: (number) => wanted.has(number),
  });
  const { signal } = session.abort;
  signal.addEventListener('abort', cutting.close, { once: true });
  try {
    while (inputs.size < wanted.size) {
      const group = await cutting.take(256);
      if (group.failure) throw group.failure.thrown;
      for (const { row, input } of group.batches) {
        if (row.hash !== wanted.get(row.number)?.hash) throw changed(session, row.number);
        inputs.set(row.number, input);
      }
      if (group.position.ended || group.batches.length === 0) break;
    }
  } finally {
    signal.removeEventListener('abort', cutting.close);
    cutting.close();
  }
  const missing = rows.find((row) => !inputs.has(row.number));
  if (missing) throw changed(session, missing.number);
  return inputs;
}

/** Behind the last item of the batch before the first one wanted, where the job can read on there; else the beginning. */
export async function readFrom(session: LiveSession, rows: readonly { readonly number: number }[]): Promise<CutRange> {
  const beginning = { chunks: 0, items: 0 };
  const first = Math.min(...rows.map((row) => row.number));
  if (!session.job.sourceAfter || session.job.chunk?.looksAround || first === 0) return beginning;
  const { store, persist } = session.ports;
  const [before] = await persist(() => store.listBatches({ sessionId: session.id, numbers: [first - 1], limit: 1 }));
  if (!before?.lastItem) return beginning;
  return { chunks: first, items: before.first + before.items, after: before.lastItem };
}

/** The source gives something else than when it was cut. */
export function changed(session: LiveSession, number: number): MillraceError {
  const message = `The input of session ${session.id} has changed: chunk ${number} is not what it was when it was cut. Start a new session.`;
  return new MillraceError('INPUT_CHANGED', message);
}
