import type { SessionId } from '../../model/ids.ts';
import type { SessionRecord } from '../../model/records.ts';

/** Lets something be done to a session by one at a time: who comes later waits, whatever became of the first, and then does its own. */
export function inTurn<Rest extends readonly unknown[], T>(
  act: (record: SessionRecord, ...rest: Rest) => Promise<T>,
): (record: SessionRecord, ...rest: Rest) => Promise<T> {
  const going = new Map<SessionId, Promise<unknown>>();
  return async (record, ...rest) => {
    while (going.has(record.id)) await going.get(record.id);
    const done = act(record, ...rest);
    const settled = done.then(noop, noop);
    going.set(record.id, settled);
    try {
      return await done;
    } finally {
      going.delete(record.id);
    }
  };
}

const noop = (): void => undefined;
