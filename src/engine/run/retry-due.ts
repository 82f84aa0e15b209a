import type { LiveBatch } from '../live/live-batch.ts';
import type { LiveSession } from '../live/live-session.ts';
import { refresh } from '../live/refresh.ts';
import { sourceError } from '../queue/fill.ts';
import { restoreBatches } from '../queue/restore.ts';

/** Due batches that are taken up at once. */
const page = 256;
/** Timers of Node can't wait longer than 24 days; a wait that ends too early is begun again. */
const longestTimerMs = 86_400_000;

/** What is still due behind a look at all that is due was refused, or is on its way: it is looked at again only after a while. */
const againMs = 20;

/** Sets the timer for the next waiting batch. Times are the store's, so the timer counts from the store's answer. */
export function awaitDue(session: LiveSession, nextDueAt: number | null, now: number): void {
  session.cancelDue?.();
  session.cancelDue = undefined;
  if (nextDueAt === null || session.ready.length >= page) return;
  const lately = Math.min(againMs, Math.max(0, session.dueLookedAt + againMs - session.ports.clock.now()));
  const waitMs = Math.min(nextDueAt > now ? nextDueAt - now : lately, longestTimerMs);
  session.cancelDue = session.ports.clock.after(waitMs, () => void takeUpDue(session));
}

async function takeUpDue(session: LiveSession): Promise<void> {
  const { store, persist } = session.ports;
  if (session.stop || session.paused || session.ending || session.takingUp) return;
  session.takingUp = true;
  const claimedMeanwhile = new Set<number>();
  session.claimedMeanwhile = claimedMeanwhile;
  try {
    const now = await persist(() => store.now());
    const rows = await persist(() => store.listBatches({ sessionId: session.id, dueBy: now, limit: page }));
    const kept = rows.flatMap(({ number }) => heldOf(session, number) ?? []);
    const lost = rows.filter(({ number }) => !session.waiting.has(number));
    const restored = lost.length > 0 ? await restoreBatches(session, lost) : [];
    // It may have ended meanwhile, and its host with it.
    if (session.over) return;
    queue(session, [
      ...kept,
      ...restored.filter(
        ({ number }) => !session.waiting.has(number) && !claimedMeanwhile.has(number) && !isUnderWay(session, number),
      ),
    ]);
    // A timer may fire a moment early by the store's clock: then the store says anew how long to wait.
    if (!isAnyQueued(session)) await refresh(session);
  } catch (thrown) {
    session.stop ??= { type: 'fail', error: sourceError(session, thrown) };
  }
  session.takingUp = false;
  session.claimedMeanwhile = undefined;
  session.dueLookedAt = session.ports.clock.now();
  session.onAnswer(undefined);
}

/** What was read as waiting may have been claimed, and more, before the answer came. */
function isUnderWay({ inFlight, ready }: LiveSession, number: number): boolean {
  for (const batch of inFlight) if (batch.number === number) return true;
  return ready.some((batch) => batch.number === number);
}

function heldOf({ waiting }: LiveSession, number: number): LiveBatch | undefined {
  const place = waiting.get(number);
  return place === 'queued' ? undefined : place;
}

function isAnyQueued({ waiting }: LiveSession): boolean {
  for (const place of waiting.values()) if (place === 'queued') return true;
  return false;
}

function queue(session: LiveSession, batches: readonly LiveBatch[]): void {
  for (const { number } of batches) session.waiting.set(number, 'queued');
  session.ready.push(...batches);
}
