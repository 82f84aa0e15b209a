import type { Token } from '../../model/ids.ts';
import { announceClaims, announceSkipped } from '../live/announce.ts';
import { stepAlike } from '../live/charts.ts';
import { type LiveBatch, takeOver } from '../live/live-batch.ts';
import type { LiveSession } from '../live/live-session.ts';
import { claimRate, holdBack } from '../live/rate.ts';
import type { PartAnswer } from '../ports/commit.ts';
import { isDropped } from '../queue/duplicates.ts';
import { recordOf } from '../queue/restore.ts';
import { planRun } from './batch-run.ts';

/**
 * Claims batches, and answers those that are this host's now. Claims are durable before the work starts: after a host's death
 * the store names what was running.
 */
export async function claim(session: LiveSession, batches: readonly LiveBatch[]): Promise<LiveBatch[]> {
  // Meanwhile it was let go of, or is to end.
  if (session.stop) return [];
  for (const batch of batches) batch.token = session.ports.newToken();
  const answer = await submit(session, batches);
  const [claimed, others] = split(batches, answer);
  enter(session, claimed, answer);
  const dropped = others.filter(isDropped);
  if (dropped.length > 0) forget(session, dropped);
  const refused = holdBack(
    session,
    others.filter((batch) => !isDropped(batch)),
    answer,
  );
  if (refused.length === 0) return claimed;
  return [...claimed, ...(await claimAgain(session, refused, answer))];
}

/** Nothing is claimed for an owner whose lease ran out: that may just have happened, unnoticed. So a refusal is asked about once. */
async function claimAgain(session: LiveSession, refused: readonly LiveBatch[], first: PartAnswer): Promise<LiveBatch[]> {
  const { paused, cancelReason } = first.session;
  const mayHaveExpired = !paused && cancelReason === null && !session.stop;
  if (mayHaveExpired) await session.ports.confirmOwner();
  if (!mayHaveExpired || session.stop) {
    giveBack(session, refused, first);
    return [];
  }
  const answer = await submit(session, refused);
  const [claimed, left] = split(refused, answer);
  enter(session, claimed, answer);
  const others = holdBack(session, left, answer);
  if (others.length > 0) giveBack(session, others, answer);
  return claimed;
}

/** From here on the tokens are this host's; until their claims are settled or refused, or nobody can tell what became of them. */
async function submit(session: LiveSession, batches: readonly LiveBatch[]): Promise<PartAnswer> {
  const { id, epoch, ports } = session;
  const tokens = batches.map(({ token }) => token as Token);
  for (const token of tokens) ports.claims.add(token);
  try {
    const numbers = batches.map(({ number }) => number);
    return await ports.writer.submit({ sessionId: id, epoch, claim: { tokens, numbers, ...claimRate(session, batches) } });
  } catch (thrown) {
    forget(session, batches);
    throw thrown;
  }
}

/** These claims are this host's no more, as far as it knows. */
export function forget({ ports }: LiveSession, claimed: Iterable<{ readonly token?: Token | null }>): void {
  for (const { token } of claimed) if (token) ports.claims.delete(token);
}

/** Answers come in the order of the request, each with its token. */
function split(batches: readonly LiveBatch[], { claimed }: PartAnswer): [LiveBatch[], LiveBatch[]] {
  const mine: LiveBatch[] = [];
  const others: LiveBatch[] = [];
  for (const batch of batches) (claimed[mine.length]?.token === batch.token ? mine : others).push(batch);
  return [mine, others];
}

function enter(session: LiveSession, claimed: readonly LiveBatch[], answer: PartAnswer): void {
  // The store found them due, by its clock: a wait was reckoned by this host's, which may go ahead of it.
  const due = claimed.map(({ record }) => record.context.retryAt ?? 0);
  const event = { type: 'CLAIM', at: Math.max(answer.now, ...due) } as const;
  const step = stepAlike(event);
  let index = 0;
  for (const batch of claimed) {
    const before = batch.record;
    const row = answer.claimed[index++];
    if (batch.restored && row) takeOver(batch, row, recordOf(session, row));
    else batch.record = step(before);
    batch.run = planRun(session, batch);
    session.waiting.delete(batch.number);
    session.inFlight.add(batch);
    session.claimedMeanwhile?.add(batch.number);
    session.ports.actors.batchMoved({ sessionId: session.id, number: batch.number }, before, event);
  }
  announceClaims(session, claimed, answer);
}

/** What could not be claimed stays queued while the session is held; otherwise somebody else has it, or had it. */
function giveBack(session: LiveSession, batches: readonly LiveBatch[], answer: PartAnswer): void {
  forget(session, batches);
  for (const batch of batches) batch.token = null;
  const { paused, cancelReason } = answer.session;
  if (paused) {
    session.ready.unshift(...batches);
  } else {
    for (const batch of batches) session.waiting.delete(batch.number);
    if (cancelReason === null) announceSkipped(session, batches, answer);
  }
  session.onAnswer(answer);
}
