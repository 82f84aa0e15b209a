import type { SessionId } from '../../model/ids.ts';
import type { Gap, JobDefinition } from '../../model/job.ts';
import type { DeadLetter } from '../../model/outcome.ts';
import type { BatchRecord } from '../../model/records.ts';
import type { EnginePorts } from '../ports/ports.ts';
import { range } from './places.ts';

/** Places that were given up or cancelled, ascending, by the numbers of their batches, ascending. */
export type MissingItems = Map<number, readonly number[]>;

/** What a job with `hole` has combined between its outputs. */
export interface Gaps {
  hole(gap: Gap): unknown;
  /** Begins a pass over the input: asked for one stretch of ended batches after another, each behind the one before. */
  read(): (from: number, to: number) => Promise<MissingItems>;
}

/** Rows that are asked for at once. */
const atOnce = 500;

/** The gaps of a session; undefined for a job that leaves none. */
export function gapsOf(ports: Pick<EnginePorts, 'store' | 'persist'>, id: SessionId, job: JobDefinition): Gaps | undefined {
  const { hole } = job;
  if (!hole) return undefined;
  const read = (): ReturnType<Gaps['read']> => {
    const lettersUpTo = letterReader(ports, id);
    return async (from, to) => {
      const letters = await lettersUpTo(to);
      const rows = await wholeRows(ports, id, letters);
      const missing: MissingItems = new Map();
      for (const letter of letters) {
        const places = new Set([...(missing.get(letter.number) ?? []), ...placesOf(letter, rows.get(letter.number))]);
        missing.set(letter.number, [...places].sort(ascending));
      }
      // Nothing else is cancelled in a session that goes on to its end.
      if (job.dedupe) for (const { number, items } of await cancelled(ports, id, from, to)) missing.set(number, range(0, items));
      return new Map([...missing].sort(([left], [right]) => ascending(left, right)));
    };
  };
  return { hole, read };
}

/** Letters of ended batches change no more, and they are listed by number: what was read once is passed over by its count. */
function letterReader({ store, persist }: Pick<EnginePorts, 'store' | 'persist'>, sessionId: SessionId) {
  let after = 0;
  return async (to: number): Promise<readonly DeadLetter[]> => {
    const found: DeadLetter[] = [];
    for (;;) {
      const page = await persist(() => store.listDeadLetters({ sessionId, after, limit: atOnce }));
      const wanted = page.filter(({ number }) => number <= to);
      found.push(...wanted);
      after += wanted.length;
      if (wanted.length < atOnce) return found;
    }
  };
}

/** The batches of letters that stand for several items. */
async function wholeRows(
  { store, persist }: Pick<EnginePorts, 'store' | 'persist'>,
  sessionId: SessionId,
  letters: readonly DeadLetter[],
): Promise<ReadonlyMap<number, BatchRecord>> {
  const numbers = [...new Set(letters.flatMap(({ items, number }) => (items > 1 ? [number] : [])))];
  const rows = new Map<number, BatchRecord>();
  for (let from = 0; from < numbers.length; from += atOnce) {
    const some = numbers.slice(from, from + atOnce);
    const page = await persist(() => store.listBatches({ sessionId, numbers: some, limit: atOnce }));
    for (const row of page) rows.set(row.number, row);
  }
  return rows;
}

/** The places that a letter stands for: one, or all that was left of its batch. */
export function placesOf(
  { place, items }: DeadLetter,
  row: Pick<BatchRecord, 'remaining' | 'items'> | undefined,
): readonly number[] {
  if (items === 1 || !row) return [place];
  return row.remaining ?? range(0, row.items);
}

async function cancelled(
  { store, persist }: Pick<EnginePorts, 'store' | 'persist'>,
  sessionId: SessionId,
  from: number,
  to: number,
): Promise<readonly BatchRecord[]> {
  const limit = to - from + 1;
  const rows = await persist(() => store.listBatches({ sessionId, states: ['cancelled'], from, limit }));
  return rows.filter(({ number }) => number <= to);
}

function ascending(left: number, right: number): number {
  return left - right;
}
