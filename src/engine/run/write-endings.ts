import { announceWrites } from '../live/announce.ts';
import type { LiveSession } from '../live/live-session.ts';
import type { Settled } from '../live/settled.ts';
import type { PartAnswer } from '../ports/commit.ts';
import { forget } from './claim.ts';
import { buries, withNeighbours } from './neighbours.ts';

/**
 * Writes how batches ended, and tells of it.
 *
 * Endings that give up what others may have seen are written one by one, in the order in which they were decided: each then finds in
 * the store, completed, whatever was decided before it and has seen what it gives up.
 */
export async function writeEndings(session: LiveSession, decided: readonly Settled[]): Promise<void> {
  if (decided.length === 0) return;
  if (!buries(session, decided)) return write(session, decided);
  await session.burials.take(async () => {
    for (const one of decided) await write(session, [one]);
  });
}

async function write(session: LiveSession, decided: readonly Settled[]): Promise<void> {
  const { ports } = session;
  const ended = await withNeighbours(session, decided);
  for (const { batch, event, before, after } of ended) {
    batch.record = after;
    ports.actors.batchMoved({ sessionId: session.id, number: batch.number }, before, event);
  }
  const writes = ended.map((one) => one.write);
  let answer: PartAnswer;
  try {
    answer = await ports.writer.submit({ sessionId: session.id, epoch: session.epoch, writes });
  } finally {
    // Not before: a look at what is due may just have read it as this leaves it.
    for (const { batch } of ended) session.inFlight.delete(batch);
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
  for (const { batch, after, write: written } of ended) {
    batch.token = null;
    batch.remaining = written.remaining === undefined ? batch.remaining : written.remaining;
    batch.completed += written.itemsCompleted ?? 0;
    if (written.isolation !== undefined) batch.isolation = written.isolation;
    batch.run = null;
    if (after.state === 'pending' || after.state.endsWith('.isolating')) session.ready.unshift(batch);
    else if (after.state.endsWith('.waiting') && session.waiting.size < mostHeld) session.waiting.set(batch.number, batch);
  }
}
