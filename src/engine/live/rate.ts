import { checkText } from '../../model/check-job-definition.ts';
import { copyPayload, decode } from '../../model/codec.ts';
import { durationMs } from '../../model/duration.ts';
import { errorInfo } from '../../model/error-info.ts';
import type { Timestamp } from '../../model/ids.ts';
import type { JobDefinition } from '../../model/job.ts';
import type { ClaimRate, RatePolicy } from '../../model/rate.ts';
import type { PartAnswer } from '../ports/commit.ts';
import type { LiveBatch } from './live-batch.ts';
import type { LiveSession } from './live-session.ts';

/** The rate of a live session's job, and what it holds back at present. The store counts; this only knows when to ask again. */
export interface SessionRate {
  readonly policy: RatePolicy;
  /** When batches counted under a name may start, by this host's clock. */
  readonly held: Map<string, Timestamp>;
  /** Names under which batches count, once they were asked for. */
  readonly names: WeakMap<LiveBatch, string>;
  cancel: (() => void) | undefined;
}

/** Null: the job has none. */
export function rateOf({ rate }: JobDefinition): SessionRate | null {
  return rate ? { policy: rate, held: new Map(), names: new WeakMap(), cancel: undefined } : null;
}

/** What a claim tells the store of its rate. */
export function claimRate(session: LiveSession, batches: readonly LiveBatch[]): { readonly rate?: ClaimRate } {
  const { rate } = session;
  if (!rate) return {};
  const { limit, per } = rate.policy;
  return {
    rate: { limit, perMs: durationMs(per, 'rate.per', 1), buckets: batches.map((batch) => bucketOf(session, rate, batch)) },
  };
}

/** The session's ready batches that no rate holds back. A key that can't be told fails the session: no other is known to be right. */
export function startable(session: LiveSession, rate: SessionRate): readonly LiveBatch[] {
  if (rate.held.size === 0 && !rate.policy.key) return session.ready;
  try {
    return session.ready.filter((batch) => !rate.held.has(bucketOf(session, rate, batch)));
  } catch (thrown) {
    session.stop ??= { type: 'fail', error: errorInfo(thrown) };
    // Not from within: the scheduler is asking.
    queueMicrotask(() => session.onAnswer(undefined));
    return [];
  }
}

/** Takes back the refused batches that a rate holds, to be asked for again when it is time. Answers the others. */
export function holdBack(session: LiveSession, refused: readonly LiveBatch[], answer: PartAnswer): readonly LiveBatch[] {
  const { rate } = session;
  const { held } = answer.session;
  if (!rate || !held) return refused;
  const now = session.ports.clock.now();
  // Times are the store's: what is left of the wait holds by this host's clock, too.
  for (const { bucket, until } of held) rate.held.set(bucket, now + Math.max(1, until - answer.now));
  const isHeld = (batch: LiveBatch): boolean => rate.held.has(bucketOf(session, rate, batch));
  const back = refused.filter(isHeld);
  for (const batch of back) {
    session.ports.claims.delete(batch.token as NonNullable<typeof batch.token>);
    batch.token = null;
  }
  session.ready = [...back, ...session.ready].sort((left, right) => left.number - right.number);
  arm(session, rate);
  return refused.filter((batch) => !isHeld(batch));
}

/** Lets go of the timer. */
export function stopRate({ rate }: LiveSession): void {
  rate?.cancel?.();
}

/** Why nothing of the session runs; null when something does, or no rate is why. */
export function heldBackBy({ rate, inFlight, job, ports }: LiveSession): string | null {
  if (!rate || rate.held.size === 0 || inFlight.size > 0) return null;
  const waitMs = Math.max(0, Math.min(...rate.held.values()) - ports.clock.now());
  return `the rate of job ${job.name}: its next batch may start in ${(waitMs / 1_000).toFixed(1)} s`;
}

function bucketOf({ job, input }: LiveSession, { policy, names }: SessionRate, batch: LiveBatch): string {
  const known = names.get(batch);
  if (known !== undefined) return known;
  const first = batch.input.type === 'items' ? batch.input.items[0] : decode(copyPayload(batch.input.slice));
  const key = policy.key ? checkText(policy.key(first, input), `${job.name}: rate.key`) : '';
  const name = `${job.name}\n${key}`;
  names.set(batch, name);
  return name;
}

/** Timers of Node can't wait longer than 24 days; a wait that ends too early is begun again. */
const longestTimerMs = 86_400_000;

function arm(session: LiveSession, rate: SessionRate): void {
  rate.cancel?.();
  rate.cancel = undefined;
  if (session.over || rate.held.size === 0) return;
  const { clock } = session.ports;
  const waitMs = Math.min(Math.max(...[Math.min(...rate.held.values()) - clock.now(), 1]), longestTimerMs);
  rate.cancel = clock.after(waitMs, () => {
    const now = clock.now();
    for (const [bucket, until] of rate.held) if (until <= now) rate.held.delete(bucket);
    arm(session, rate);
    session.onAnswer(undefined);
  });
}
