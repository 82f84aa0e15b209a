import type { ErrorInfo } from '../model/errors.ts';
import type { Executor, Reply } from '../model/executor.ts';
import type { Random } from './random.ts';

const lostCode = 'LOST_BY_CHECK_JOB';
const lost: ErrorInfo = {
  name: 'Error',
  message: 'checkJob threw the answer of this batch away, to have it run again.',
  // Not `lost`: what ends a worker is taken apart, and this is to be tried again as it is.
  category: 'error',
  code: lostCode,
};

/** Whether a batch failed only because its answer was thrown away here. */
export function isLost({ code }: ErrorInfo): boolean {
  return code === lostCode;
}

/** Groups begin and end so many turns of the loop late, at most: enough to let each of four overtake any other. */
const mostTurns = 6;
/** How long batches seem to take, so that a seed and not the machine decides how many travel together. */
const seemingMs = [0.05, 0.8, 4];

/**
 * Makes an executor as unruly as a busy machine: groups begin and end in another order, and every fourth batch or so loses its
 * first answer, though its work has run. What may be tried again need not wait.
 *
 * @param onLost - Told the number of each batch that fails here.
 */
export function unruly(executor: Executor, random: Random, onLost: (number: number) => void): Executor {
  const disturb = (reply: Reply, attempt: number | undefined): Reply => {
    const ms = random.pick(seemingMs);
    if (attempt !== 1 || random.below(4) > 0) return { ...withoutWaiting(reply), ms };
    onLost(reply.number);
    return { number: reply.number, items: reply.items, output: null, failures: [], error: lost, ms };
  };
  return {
    ...executor,
    async run(group, hooks) {
      await turns(random.below(mostTurns));
      const replies: Reply[] = [];
      const report = await executor.run(group, { ...hooks, onReplies: (early) => replies.push(...early) });
      await turns(random.below(mostTurns));
      const attempts = new Map(group.tasks.map(({ number, attempt }) => [number, attempt]));
      return { ...report, replies: [...replies, ...report.replies].map((reply) => disturb(reply, attempts.get(reply.number))) };
    },
  };
}

function withoutWaiting(reply: Reply): Reply {
  return {
    ...reply,
    failures: reply.failures.map(({ place, error }) => ({ place, error: atOnce(error) })),
    ...(reply.error && { error: atOnce(reply.error) }),
  };
}

function atOnce({ retryAfterMs, ...error }: ErrorInfo): ErrorInfo {
  return error;
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
