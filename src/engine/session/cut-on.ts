import type { BatchRecord, NewBatch } from '../../model/records.ts';
import { type Cutting, cutSource, type PlannedGroup } from '../cut/cut.ts';
import type { LiveSession } from '../live/live-session.ts';
import { changed, readFrom } from '../queue/restore.ts';
import { isSamePayload } from './new-session.ts';

/**
 * Cuts a session's source on behind the last recorded chunk: reads on there if the job can, else reads again and passes over
 * what was cut. The last recorded chunk itself is cut again, and compared: an item more or less before it, in a source that
 * is not what it was, would be lost or done twice. What changed only before it, by the same number of items, goes unnoticed.
 */
export async function cutOn(session: LiveSession): Promise<Cutting> {
  const { chunks } = session.position;
  if (chunks === 0) return cutSource(session, { chunks: 0, items: 0 });
  const { store, persist } = session.ports;
  const last = chunks - 1;
  const [recorded] = await persist(() => store.listBatches({ sessionId: session.id, numbers: [last], limit: 1 }));
  if (!recorded) throw changed(session, last);
  const begin = await readFrom(session, [{ number: last }]);
  return behind(session, recorded, cutSource(session, { ...begin, wanted: (number) => number >= last }));
}

/** A pass that begins with a chunk that was recorded: it is compared, and left out. */
function behind(session: LiveSession, recorded: BatchRecord, cutting: Cutting): Cutting {
  let isCompared = false;
  const compared = (group: PlannedGroup, limit: number): PlannedGroup | Promise<PlannedGroup> => {
    if (isCompared) return group;
    const [again, ...batches] = group.batches;
    if (!again && (group.failure || !group.position.ended)) return group;
    isCompared = true;
    if (!again || !isSameChunk(again.row, recorded)) {
      cutting.close();
      return { batches: [], position: group.position, failure: { thrown: changed(session, recorded.number) } };
    }
    return batches.length > 0 || group.position.ended ? { ...group, batches } : take(limit);
  };
  const take = (limit: number): PlannedGroup | Promise<PlannedGroup> => {
    const group = cutting.take(limit);
    return group instanceof Promise ? group.then((read) => compared(read, limit)) : compared(group, limit);
  };
  return { take, close: cutting.close };
}

/** Items are compared by their hash, slices as they are stored: a slice's own hash is what its worker read. */
function isSameChunk(again: NewBatch, recorded: BatchRecord): boolean {
  if (again.first !== recorded.first) return false;
  if (again.slice === null || recorded.slice === null) return again.slice === recorded.slice && again.hash === recorded.hash;
  return isSamePayload(again.slice, recorded.slice);
}
