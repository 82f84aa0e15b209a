import { combinesAhead } from '../live/host-killer.ts';
import type { LiveSession } from '../live/live-session.ts';
import { takeRequests } from '../live/requests.ts';
import type { PartAnswer } from '../ports/commit.ts';
import { advance } from './advance.ts';

/** Takes over what the store answered, then lets the session go on. */
export function absorb(session: LiveSession, answer: PartAnswer | undefined): void {
  if (answer && answer.session.eventNumber >= session.eventNumber) {
    const { counts, counters, lowestOpen, eventNumber } = answer.session;
    Object.assign(session, { counts, counters, lowestOpen, eventNumber });
    takeRequests(session, answer.session);
    if (combinesAhead(session)) session.combiner?.advance(lowestOpen);
    session.changed();
  }
  advance(session, answer);
}
