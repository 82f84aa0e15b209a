import { copyPayload, decode } from '../../model/codec.ts';
import { MillraceError } from '../../model/errors.ts';
import type { SessionId } from '../../model/ids.ts';
import type { JobDefinition } from '../../model/job.ts';
import type { DeadLetter } from '../../model/outcome.ts';
import type { BatchRecord, Isolation, SessionRecord } from '../../model/records.ts';
import type { BatchWrite, LetterFilter } from '../../model/store.ts';
import type { LetterQuery } from '../api/session.ts';
import { stepBatch } from '../live/charts.ts';
import { placesOf } from '../live/missing-items.ts';
import { pages } from '../live/view.ts';
import type { EnginePorts } from '../ports/ports.ts';
import { checkSame } from '../session/new-session.ts';

/**
 * Opens an ended session again: the items of the chosen dead letters run once more, and so does every batch that sees them.
 * The session then ends anew, as the next generation; until then the old result stands.
 *
 * @returns The session under its new epoch; undefined when no letter was chosen.
 * @throws MillraceError `NOT_REPLAYABLE` when the session has not ended, was cancelled, or is gone; `INPUT_CHANGED`, `JOB_CHANGED`.
 */
export async function replaySession(
  ports: EnginePorts,
  id: SessionId,
  job: JobDefinition,
  kind: 'each' | 'chunk',
  which: LetterQuery,
): Promise<SessionRecord | undefined> {
  const { store, persist, owner } = ports;
  const record = await persist(() => store.getSession(id));
  if (record?.state !== 'completed' && record?.state !== 'failed') throw notReplayable(id, record);
  if (isCutShort(record)) throw cutShort(record);
  await checkSame(record, job, decode(copyPayload(record.input)));
  const letters = await lettersOf(ports, { ...which, sessionId: id });
  if (letters.length === 0) return undefined;
  const batches = await writesFor(ports, id, kind, letters, job.chunk?.looksAround === true);
  const replayed = await persist(() => store.replaySession({ id, owner: owner(), batches }));
  if (!replayed) throw notReplayable(id, await persist(() => store.getSession(id)));
  return replayed;
}

function notReplayable(id: SessionId, record: SessionRecord | undefined): MillraceError {
  const why =
    record === undefined
      ? 'is not in the store (any more)'
      : `is ${record.state}, another one of its key is live, or no seat is free for it (option seats)`;
  return new MillraceError(
    'NOT_REPLAYABLE',
    `Session ${id} ${why}: only a session that completed or failed can be replayed, and only while no other of its key is live.`,
  );
}

/** It failed before all of its input had run: the rest was cancelled with it, and a replay would pass over that without a word. */
function isCutShort({ position, counts }: SessionRecord): boolean {
  return !position.ended || counts.items.cancelled > (counts.items.duplicate ?? 0);
}

function cutShort({ id }: SessionRecord): MillraceError {
  return new MillraceError(
    'NOT_REPLAYABLE',
    `Session ${id} failed before all of its input had run: what was left was cancelled. Start a new session instead.`,
  );
}

async function lettersOf({ store, persist }: EnginePorts, filter: LetterFilter): Promise<readonly DeadLetter[]> {
  const letters: DeadLetter[] = [];
  const read = (after: number, limit: number) => persist(() => store.listDeadLetters({ ...filter, after, limit }));
  for await (const letter of pages(read)) letters.push(letter);
  return letters;
}

/** Batch numbers that are asked for at once. */
const atOnce = 500;

async function writesFor(
  ports: EnginePorts,
  id: SessionId,
  kind: 'each' | 'chunk',
  letters: readonly DeadLetter[],
  looksAround: boolean,
): Promise<readonly BatchWrite[]> {
  const { store, persist } = ports;
  const chosen = groupByNumber(letters);
  const numbers = [...chosen.keys()];
  const writes: BatchWrite[] = [];
  const positions: number[] = [];
  for (let from = 0; from < numbers.length; from += atOnce) {
    const some = numbers.slice(from, from + atOnce);
    for (const row of await persist(() => store.listBatches({ sessionId: id, numbers: some, limit: atOnce }))) {
      const mine = chosen.get(row.number) ?? [];
      const all = await lettersOf(ports, { sessionId: id, number: row.number });
      writes.push(replayOf(row, kind, mine, all));
      positions.push(...mine.flatMap((letter) => placesOf(letter, row).map((place) => row.first + place)));
    }
  }
  if (looksAround) writes.push(...(await neighboursOf(ports, id, positions, new Set(numbers))));
  return writes;
}

function groupByNumber(letters: readonly DeadLetter[]): Map<number, DeadLetter[]> {
  const groups = new Map<number, DeadLetter[]>();
  for (const letter of letters) groups.set(letter.number, [...(groups.get(letter.number) ?? []), letter]);
  return groups;
}

/** `each`: the chosen items alone run again. `chunk`: the batch does, without those that stay dead. */
function replayOf(
  row: BatchRecord,
  kind: 'each' | 'chunk',
  chosen: readonly DeadLetter[],
  all: readonly DeadLetter[],
): BatchWrite {
  const takeBack = chosen.map(({ place }) => place);
  const isChosen = new Set(takeBack);
  const stillDead = all.filter(({ place }) => !isChosen.has(place)).flatMap((letter) => placesOf(letter, row));
  const isWhole = chosen.some(({ items }) => items > 1) || row.items === 0;
  const again = new Set(chosen.flatMap((letter) => placesOf(letter, row)));
  const remaining = kind === 'each' && !isWhole ? [...again].sort((left, right) => left - right) : row.remaining;
  return {
    ...opened(row),
    takeBack,
    remaining: kind === 'each' ? remaining : null,
    isolation: isolationWithout(row, stillDead),
    ...(kind === 'chunk' && { dropOutputs: true }),
  };
}

function isolationWithout({ isolation, error }: BatchRecord, stillDead: readonly number[]): Isolation | null {
  if (stillDead.length === 0) return null;
  const why = isolation?.error ?? error ?? { name: 'Error', message: 'No reason was recorded.', category: 'lost' };
  const dead = [...stillDead].sort((left, right) => left - right);
  return { phase: 'rest', from: 0, to: 0, noted: null, size: 0, deadInSight: 0, dead, survived: true, error: why };
}

/** Completed batches that see revived items in their overlap were made without them. */
async function neighboursOf(
  { store, persist }: EnginePorts,
  id: SessionId,
  positions: readonly number[],
  own: ReadonlySet<number>,
): Promise<readonly BatchWrite[]> {
  const touching = { from: Math.min(...positions), to: Math.max(...positions) + 1 };
  const rows = await persist(() => store.listBatches({ sessionId: id, touching, limit: Number.MAX_SAFE_INTEGER }));
  return rows
    .filter((row) => row.state === 'completed' && !own.has(row.number))
    .filter(({ first, items, before, after }) => positions.some((at) => at >= first - before && at < first + items + after))
    .map((row) => ({ ...opened(row), dropOutputs: true, remaining: null }));
}

/** The chart's move of a batch that is opened again. */
function opened(row: BatchRecord): Pick<BatchWrite, 'number' | 'from' | 'to' | 'attempt'> {
  const { number, state, attempt, retryAt, suspect } = row;
  const context = { attempt, maxAttempts: 1, canIsolate: false, retryAt, suspect, probing: false };
  const after = stepBatch({ state, context }, { type: 'REPLAY' });
  return { number, from: state, to: after.state, attempt: after.context.attempt };
}
