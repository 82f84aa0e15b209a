import type { LiveSession } from './live-session.ts';

/** Asks the store, by a commit of nothing, where a session stands: counts, what was asked of it, when the next batch is due. */
export async function refresh(session: LiveSession): Promise<void> {
  session.onAnswer(await session.ports.writer.submit({ sessionId: session.id, epoch: session.epoch }));
}
