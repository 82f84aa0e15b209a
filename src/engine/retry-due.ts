import { sourceError } from './fill.ts';
import type { LiveBatch } from './live-batch.ts';
import type { LiveSession } from './live-session.ts';
import { restoreBatches } from './restore.ts';

/** Due batches that are taken up at once. */
const page = 256;

/** Sets the timer for the next waiting batch. Times are the store's, so the timer counts from the store's answer. */
export function awaitDue(session: LiveSession, nextDueAt: number | null, now: number): void {
  session.cancelDue?.();
  session.cancelDue = undefined;
  if (nextDueAt === null || session.ready.length >= page) return;
  session.cancelDue = session.ports.clock.after(Math.max(0, nextDueAt - now), () => void takeUpDue(session));
}

async function takeUpDue(session: LiveSession): Promise<void> {
  const { store, persist } = session.ports;
  if (session.stop || session.paused || session.ending || session.filling) return;
  session.filling = true;
  try {
    const now = await persist(() => store.now());
    const rows = await persist(() => store.listBatches({ sessionId: session.id, dueBy: now, limit: page }));
    const fresh = rows.filter((row) => !session.retrying.has(row.number));
    const kept = fresh.flatMap((row) => session.held.get(row.number) ?? []);
    const lost = fresh.filter((row) => !session.held.has(row.number));
    const restored = lost.length > 0 ? await restoreBatches(session, lost) : [];
    queue(session, [...kept, ...restored]);
  } catch (thrown) {
    session.stop ??= { type: 'fail', error: sourceError(session, thrown) };
  }
  session.filling = false;
  session.onAnswer(undefined);
}

function queue(session: LiveSession, batches: readonly LiveBatch[]): void {
  for (const batch of batches) {
    session.held.delete(batch.number);
    session.retrying.add(batch.number);
  }
  session.ready.push(...batches);
}
