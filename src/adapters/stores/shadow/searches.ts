import type { SessionId } from '../../../model/ids.ts';
import { endedSessionStates, type SessionState, sessionMoves } from '../../../model/moves.ts';
import { copyKinds, joinKey } from '../../../model/replica.ts';
import type { Store } from '../../../model/store.ts';
import type { Marks, Wanted } from './marks.ts';
import { type Way, walkScope } from './walk.ts';

/** Finds what is to be copied, a page at a time. What fails can be tried again. */
export interface Search {
  /** Marks what the next page holds. False at the end. */
  next(): Promise<boolean>;
}

/** What a search works with. */
export interface SearchParts {
  readonly way: Way;
  /** The store that decides. */
  readonly store: Store;
  /** The one that is copied to. */
  readonly copy: Store;
  readonly marks: Marks;
}

/** The search for what is wanted. */
export function searchFor({ type, schedule }: Wanted, { way, store, copy, marks }: SearchParts): Search {
  switch (type) {
    case 'everything':
      return searchEverything(way, marks);
    case 'rescued':
      return searchRescued(store, marks);
    case 'waiting':
      return searchWaiting(copy, schedule, marks);
    default:
      return type satisfies never;
  }
}

/** Marks all that there is in both stores. */
function searchEverything(way: Way, marks: Marks): Search {
  const sessions = walkScope(way, { kind: 'sessions' });
  for (const kind of copyKinds) if (kind !== 'batches') marks.scope({ kind });
  return {
    async next() {
      const pairs = await sessions.next();
      for (const { key } of pairs ?? []) marks.scope({ kind: 'batches', session: key.key as SessionId });
      return pairs !== undefined;
    },
  };
}

const liveStates: readonly SessionState[] = [...new Set(sessionMoves.map(({ from }) => from))].filter(
  (state) => !endedSessionStates.includes(state),
);

const pageSize = 100;

/** Marks batches that a rescue left to their coordinators: a rescue says how many it has changed, not which. */
function searchRescued(store: Store, marks: Marks): Search {
  let after: SessionId | undefined;
  return {
    async next() {
      const sessions = await store.listSessions({ states: liveStates, limit: pageSize, ...(after && { after }) });
      for (const { id, counts } of sessions) if (counts.batches.crashed > 0) await markRescued(store, id, marks);
      after = sessions.at(-1)?.id;
      return sessions.length === pageSize;
    },
  };
}

async function markRescued(store: Store, sessionId: SessionId, marks: Marks): Promise<void> {
  marks.unit('sessions', sessionId);
  for (let from = 0; ; ) {
    const found = await store.listBatches({ sessionId, states: ['crashed.deciding'], from, limit: pageSize });
    for (const { number } of found) marks.batch(sessionId, number);
    if (found.length < pageSize) return;
    from = (found.at(-1)?.number ?? from) + 1;
  }
}

/** Marks what the copy holds as waiting: some of it may wait no longer. */
function searchWaiting(copy: Store, schedule: string, marks: Marks): Search {
  let after = 0;
  return {
    async next() {
      const inputs = await copy.listTickInputs({ schedule, outcome: 'queued', after, limit: pageSize });
      for (const { at, key } of inputs) marks.unit('tick_inputs', joinKey(schedule, at, key));
      after += inputs.length;
      return inputs.length === pageSize;
    },
  };
}
