import { announceWrites } from './announce.ts';
import { forget } from './claim.ts';
import type { PartAnswer } from './commit.ts';
import type { LiveSession } from './live-session.ts';
import { withNeighbours } from './neighbours.ts';
import type { Settled } from './settled.ts';

/** Writes how batches ended, and tells of it. */
export async function writeEndings(session: LiveSession, decided: readonly Settled[]): Promise<void> {
  if (decided.length === 0) return;
  const { ports } = session;
  const ended = await withNeighbours(session, decided);
  for (const { batch, event, before, after } of ended) {
    batch.record = after;
    session.inFlight.delete(batch);
    ports.actors.batchMoved({ sessionId: session.id, number: batch.number }, before, event);
  }
  const writes = ended.map(({ write }) => write);
  let answer: PartAnswer;
  try {
    answer = await ports.writer.submit({ sessionId: session.id, epoch: session.epoch, writes });
  } finally {
    forget(session, writes);
  }
  announceWrites(session, ended, answer);
  if (!session.answered && ended.some(({ after }) => after.state !== 'pending')) noteAnswered(session);
  // Before this answer the outputs were still there, and seemed to be final.
  if (ended.some(({ event }) => event.type === 'REOPEN')) session.combiner?.reset();
  // A claim was taken from this host while its lease had run out: whoever takes the session on looks at what is open anew.
  if (answer.written.includes(false)) session.stop ??= { type: 'leave' };
  keepWaiting(session, ended);
  session.onAnswer(answer);
}

/** Whoever waited, since this session may have killed its hosts, need not wait any longer. */
function noteAnswered(session: LiveSession): void {
  session.answered = true;
  if (session.recorded.takeovers > 0) session.ports.lookSoon();
}

/** Inputs of waiting batches are kept for a quick retry, up to a bound; behind it they are read again. */
const mostHeld = 1_000;

function keepWaiting(session: LiveSession, ended: readonly Settled[]): void {
  for (const { batch, after, write } of ended) {
    batch.token = null;
    batch.remaining = write.remaining === undefined ? batch.remaining : write.remaining;
    batch.completed += write.itemsCompleted ?? 0;
    if (write.isolation !== undefined) batch.isolation = write.isolation;
    batch.run = null;
    if (after.state === 'pending' || after.state.endsWith('.isolating')) session.ready.unshift(batch);
    else if (after.state.endsWith('.waiting') && session.waiting.size < mostHeld) session.waiting.set(batch.number, batch);
  }
}
