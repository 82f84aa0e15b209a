import { errorInfo } from '../../model/error-info.ts';
import type { ErrorInfo } from '../../model/errors.ts';
import type { Death, Executor, Group, Reply } from '../../model/executor.ts';
import type { LiveBatch } from '../live/live-batch.ts';
import { type LiveSession, taskPrefixOf } from '../live/live-session.ts';
import { type Settled, searchesThrow, settleRelease } from '../live/settled.ts';
import { placeInHand, taskOf } from './batch-run.ts';
import { claim } from './claim.ts';
import { noteDead } from './neighbours.ts';
import { settleReply } from './settle.ts';
import { keepingOutput, settleCached } from './settle-cached.ts';
import { settleFailure } from './settle-failure.ts';
import { writeEndings } from './write-endings.ts';

/** A group's way: claim, take what the cache has, execute the rest, settle. `executed` is called when its worker is free, before the last write. */
export async function dispatch(session: LiveSession, batches: readonly LiveBatch[], executed: Executed): Promise<void> {
  try {
    const claimed = await claim(session, batches);
    const left = session.cache ? await settleCached(session, session.cache, claimed) : claimed;
    if (left.length > 0) await execute(session, left, executed);
  } catch (thrown) {
    const info = errorInfo(thrown);
    session.logger.error({ error: info.message, stack: info.stack }, 'group could not be run');
    session.stop ??= { type: 'fail', error: info };
  }
}

/** Told how long a worker worked on a group. */
type Executed = (workMs: number) => void;

async function execute(session: LiveSession, claimed: readonly LiveBatch[], executed: Executed): Promise<void> {
  let workMs = 0;
  const unanswered = new Map(claimed.map((batch) => [batch.number, batch]));
  const settling: Promise<void>[] = [];
  let failure: { readonly thrown: unknown } | undefined;
  /** Replies come in messages of workers, and nobody waits for a settle until all are in: what is thrown there would end the host. */
  const begin = async (decide: () => readonly Settled[]): Promise<void> => {
    try {
      await writeEndings(session, decide());
    } catch (thrown) {
      failure ??= { thrown };
    }
  };
  const onReplies = (replies: readonly Reply[]): void => {
    for (const { ms } of replies) workMs += ms;
    settling.push(begin(() => takeAnswered(session, unanswered, replies)));
  };
  const { signal } = session.abort;
  const startedAt = session.ports.clock.now();
  const report = await executorFor(session, claimed).run(groupOf(session, claimed), { signal, onReplies, log: session.logger });
  const decideRest = (): Settled[] => {
    const ended = takeAnswered(session, unanswered, report.replies);
    const rest = [...unanswered.values()];
    // Whatever comes later answers a claim that has ended: the batch may be running under another one.
    unanswered.clear();
    return [...ended, ...unansweredOnes(session, rest, claimed.length, report.death)];
  };
  settling.push(begin(decideRest));
  for (const { ms } of report.replies) workMs += ms;
  // Nobody says how long a worker worked that died: the lane was taken all that time.
  executed(report.death ? Math.max(workMs, session.ports.clock.now() - startedAt) : workMs);
  await Promise.all(settling);
  if (failure) throw failure.thrown;
}

/** Work that may have killed a host leaves it, if it can. */
function executorFor({ job, pool, refuge }: LiveSession, batches: readonly LiveBatch[]): Executor {
  const mayKill = job.work.type === 'module' && batches.some(({ hostDeaths }) => hostDeaths > 0);
  return mayKill ? refuge() : pool.executor;
}

function groupOf(session: LiveSession, batches: readonly LiveBatch[]): Group {
  return {
    source: session.job.work,
    sessionId: session.id,
    settings: session.settings,
    limits: session.policies.limits,
    tempDir: session.tempDirOf(session.epoch),
    taskPrefix: taskPrefixOf(session),
    tasks: batches.map((batch) => taskOf(session, batch)),
    ...(batches.some(needsFreshWorker) && { fresh: true }),
  };
}

/** Nothing that a batch before it left in a worker may be taken for what it did. */
function needsFreshWorker(batch: LiveBatch): boolean {
  const { suspect, probing } = batch.record.context;
  return suspect || (probing && !searchesThrow(batch));
}

function takeAnswered(session: LiveSession, unanswered: Map<number, LiveBatch>, replies: readonly Reply[]): Settled[] {
  const now = session.ports.clock.now();
  const ended: Settled[] = [];
  let ms = 0;
  for (const reply of replies) {
    const batch = unanswered.get(reply.number);
    if (!batch) continue;
    unanswered.delete(reply.number);
    ms += reply.ms;
    const one = keepingOutput(session, settleReply(session, batch, reply, now), reply);
    noteDead(session, one);
    ended.push(one);
  }
  session.groupSize.learn(ended.length, ms);
  return ended;
}

/**
 * What a dead worker left without an answer. Charged is who was alone in it, and who was seen to take too long;
 * everyone else is released. Those that may have done it (at work, or done but not yet reported) run alone from now on.
 */
function unansweredOnes(
  session: LiveSession,
  batches: readonly LiveBatch[],
  groupSize: number,
  death: Death | undefined,
): Settled[] {
  const now = session.ports.clock.now();
  const inHand = batches.findIndex((batch) => batch.number === death?.number);
  const settleOne = (batch: LiveBatch, index: number): Settled => {
    if (death?.givenUp) return settleRelease(batch, false, now);
    const tookTooLong = (death?.category === 'timeout' || death?.category === 'stalled') && index === inHand;
    if (groupSize === 1 || tookTooLong || death?.category === 'module') {
      const noted = index === inHand ? placeInHand(batch, death?.place) : undefined;
      return settleFailure(session, batch, death?.error ?? noAnswer, now, {}, noted);
    }
    const innocent = inHand >= 0 && (index > inHand || death?.category === 'timeout' || death?.category === 'stalled');
    return settleRelease(batch, !innocent, now);
  };
  return batches.map((batch, index) => {
    const one = settleOne(batch, index);
    noteDead(session, one);
    return one;
  });
}

const noAnswer: ErrorInfo = { name: 'Error', message: 'The worker ended without an answer for this batch.', category: 'lost' };
