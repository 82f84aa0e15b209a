import type { DeadLetter } from '../../model/outcome.ts';
import type { BatchRecord } from '../../model/records.ts';
import type { NewDeadLetter } from '../../model/store.ts';
import type { LiveBatch } from '../live/live-batch.ts';
import type { LiveSession } from '../live/live-session.ts';
import { isOfCore, range } from '../live/places.ts';
import { refresh } from '../live/refresh.ts';
import { type Settled, settleBy, settleRelease } from '../live/settled.ts';
import { pages } from '../live/view.ts';
import { sourceError } from '../queue/fill.ts';
import { record } from '../queue/record.ts';
import { restoreBatches } from '../queue/restore.ts';
import { itemLetter } from './dead-letters.ts';

/*
 * Where batches look around, an item lies in the core of one and in the overlap of others. The output of a batch is one execution
 * over living items only: so when an item dies, every batch that has seen it runs again.
 */

/** Whether items of one batch are seen by others: `each` work is given one item at a time, however they were cut. */
export function looksAround({ job, kind }: LiveSession): boolean {
  return kind === 'chunk' && job.chunk?.looksAround === true;
}

/** Notes what an ending gave up. From now on no run sees it, and what has seen it does not count. */
export function noteDead(session: LiveSession, { batch, died }: Settled): void {
  if (!died || !looksAround(session)) return;
  for (const place of died) session.dead.add(batch.first + place);
}

/** Notes what earlier hosts gave up. */
export async function restoreDead(session: LiveSession): Promise<void> {
  if (!looksAround(session)) return;
  const { store, persist } = session.ports;
  for await (const { number, place, items } of pages((after, limit) => listLetters(session, after, limit))) {
    const [row] = await persist(() => store.listBatches({ sessionId: session.id, numbers: [number], limit: 1 }));
    if (!row) continue;
    // A letter for several stands for all that was left of its batch.
    const places = items > 1 ? range(0, row.items) : [place];
    for (const dead of places) session.dead.add(row.first + dead);
  }
}

function listLetters({ id, ports }: LiveSession, after: number, limit: number): Promise<readonly DeadLetter[]> {
  return ports.persist(() => ports.store.listDeadLetters({ sessionId: id, after, limit }));
}

/** Whether endings give up items that other batches may have seen. */
export function buries(session: LiveSession, ended: readonly Settled[]): boolean {
  return looksAround(session) && ended.some(({ died }) => died?.length);
}

/** Adds to the endings that gave items up what follows for other batches, so that all of it is one write. */
export async function withNeighbours(session: LiveSession, ended: readonly Settled[]): Promise<readonly Settled[]> {
  if (!buries(session, ended)) return ended;
  // An item of the overlap may be of a chunk that is not recorded yet. And the store must have all that was decided before.
  record(session, session.ready);
  await refresh(session);
  const rows = await touched(session, ended);
  const settled = ended.map((one) => buried(session, one, rows));
  const own = new Set(ended.map(({ batch }) => batch.number));
  const reopen = rows.filter(({ number, state }) => state === 'completed' && !own.has(number));
  if (reopen.length === 0) return settled;
  const batches = await restoreBatches(session, reopen).catch((thrown: unknown) => {
    // What stops the session is its source, and not the group that happened to need it.
    session.stop ??= { type: 'fail', error: sourceError(session, thrown) };
    throw thrown;
  });
  return [...settled, ...batches.map((batch) => reopened(session, batch))];
}

/** The batches that see any of the items given up, in the order of their numbers. */
async function touched({ id, ports }: LiveSession, ended: readonly Settled[]): Promise<readonly BatchRecord[]> {
  const rows = new Map<number, BatchRecord>();
  for (const { batch, died = [] } of ended) {
    if (died.length === 0) continue;
    const positions = died.map((place) => batch.first + place);
    const touching = { from: Math.min(...positions), to: Math.max(...positions) + 1 };
    const filter = { sessionId: id, touching, limit: Number.MAX_SAFE_INTEGER };
    for (const row of await ports.persist(() => ports.store.listBatches(filter))) {
      if (positions.some((position) => sees(row, position))) rows.set(row.number, row);
    }
  }
  return [...rows.values()].sort((left, right) => left.number - right.number);
}

function sees({ first, items, before, after }: BatchRecord, position: number): boolean {
  return position >= first - before && position < first + items + after;
}

/** An item of the overlap is written dead under the batch whose core has it. While that is not recorded, the search is held up. */
function buried(session: LiveSession, one: Settled, rows: readonly BatchRecord[]): Settled {
  const { batch, died = [], write } = one;
  const [place] = died;
  if (place === undefined || isOfCore(batch, place)) return one;
  const position = batch.first + place;
  const home = rows.find(({ first, items }) => position >= first && position < first + items);
  if (home) return { ...one, write: { ...write, deadLetters: [letterAt(session, one, place, home)] } };
  session.dead.delete(position);
  return { ...settleRelease({ ...batch, record: one.before }, true, session.ports.clock.now()), batch };
}

function letterAt(session: LiveSession, { batch, write }: Settled, place: number, home: BatchRecord): NewDeadLetter {
  const error = write.error ?? { name: 'Error', message: 'No reason was recorded.', category: 'lost' };
  const letter = itemLetter(session, batch, { place, error });
  const taskId = home.taskId ?? letter.taskId.replace(/\d+$/, `${home.number}`);
  return { ...letter, number: home.number, place: batch.first + place - home.first, taskId };
}

/** What was completed with the dead item is done again without it. An item of its own that died was completed, and is not any more. */
function reopened(session: LiveSession, batch: LiveBatch): Settled {
  batch.token = null;
  const died = Array.from({ length: batch.items }, (_, place) => batch.first + place).filter((position) =>
    session.dead.has(position),
  );
  const lost = Math.max(0, died.length - (batch.items - batch.completed));
  const one = settleBy(batch, { type: 'REOPEN' }, session.ports.clock.now(), lost > 0 ? { itemsCompleted: -lost } : {});
  return { ...one, write: { ...one.write, dropOutputs: true, remaining: null } };
}
