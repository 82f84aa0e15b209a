import { checkText } from '../../model/check-job-definition.ts';
import type { JobDefinition } from '../../model/job.ts';
import type { SessionRecord } from '../../model/records.ts';
import type { Seat } from '../../model/seats.ts';
import type { Store } from '../../model/store.ts';
import type { LiveSession } from '../live/live-session.ts';
import { moveSession } from '../live/move.ts';

/** The seat that a session of this input needs. */
export function seatOf({ name, seats }: JobDefinition, input: unknown): { readonly seat?: Seat } {
  if (!seats) return {};
  const { key, limit = 1, group = name } = seats;
  return { seat: { key: `${group}\n${checkText(key(input), `${name}: seats.key`)}`, limit } };
}

/** How often a session that waits looks whether another host's has left a seat. Those of this host say so. */
const lookEveryMs = 1_000;

/**
 * Starts a session, as soon as the store has a seat for it, if it needs one.
 *
 * @returns False when it ended, or was let go of, before.
 */
export async function startSeated(session: LiveSession): Promise<boolean> {
  for (let asked = 0; ; asked++) {
    const isHeld = session.paused && session.recorded.seat !== undefined;
    const started = isHeld ? undefined : await start(session);
    if (started || !session.recorded.seat) return true;
    if (session.stop) session.onAnswer(undefined);
    if (session.stop || session.over) return false;
    if (asked === 0) session.logger.info({ seat: session.recorded.seat.key }, 'session waits for its seat');
    await seatLeft(session);
  }
}

/** A session does not end while it is being started: what was asked of it meanwhile waits for the answer. */
async function start(session: LiveSession): Promise<SessionRecord | undefined> {
  session.recording++;
  try {
    return await moveSession(session, { type: 'START' });
  } finally {
    session.recording--;
  }
}

/** Resolves when a session of this host has left its seat, after a while, or when this one is over. */
function seatLeft(session: LiveSession): Promise<void> {
  const { clock, released$ } = session.ports;
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      subscription.unsubscribe();
      resolve();
    };
    const cancel = clock.after(lookEveryMs, done);
    const subscription = released$.subscribe(done);
    session.ended.promise.then(done, done);
  });
}

/** Who has what a session that has not started waits for; null when it waits for no seat. */
export async function seatTakenBy(store: Pick<Store, 'listSessions'>, record: SessionRecord): Promise<string | null> {
  const { seat, state, id } = record;
  if (!seat || state !== 'pending') return null;
  const others = await store.listSessions({ seatKey: seat.key, limit: 1_000 });
  const seated = others.filter((other) => other.id !== id && other.state !== 'pending');
  const [group, key] = seat.key.split('\n');
  const names = seated.slice(0, 3).map((other) => `${other.id} of job ${other.job}`);
  const who = names.length > 0 ? `; ${names.join(', ')} ${names.length === 1 ? 'has' : 'have'} it` : '';
  return `a seat (${seat.limit} for ${key} in ${group})${who}`;
}
