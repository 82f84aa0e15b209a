import type { SessionAnswer, SessionCommit } from '../../model/store.ts';
import { countsOf, emptyTally } from './tally.ts';

/** What a commit for a session that is not in the store is answered: nothing was done. */
export function answerForNone(part: SessionCommit): SessionAnswer {
  return {
    written: (part.writes ?? []).map(() => false),
    enqueued: false,
    claimed: [],
    counts: countsOf(emptyTally()),
    counters: {},
    lowestOpen: 0,
    nextDueAt: null,
    eventNumber: 0,
    paused: false,
    cancelReason: null,
  };
}
