import { setTimeout } from 'node:timers/promises';
import { errorInfo } from '../../model/error-info.ts';
import { workerNotStarted } from '../../model/errors.ts';
import type { GroupReport } from '../../model/executor.ts';

/** Pauses before a worker is started again that died before it began: first at once, then so that a machine short of memory recovers. */
const pausesMs = [0, 0, 250, 1_000, 5_000];

/**
 * Starts workers until one begins with a group.
 *
 * @param once - Answers the group's report; or what was thrown, when the worker died before it began.
 */
export async function startAgain(
  signal: AbortSignal,
  once: () => Promise<GroupReport | { readonly thrown: unknown }>,
): Promise<GroupReport> {
  for (let start = 0; ; start++) {
    const ended = await once();
    if (!('thrown' in ended)) return ended;
    const pauseMs = pausesMs[start];
    if (pauseMs === undefined) return notStarted(ended.thrown);
    // Given up meanwhile: the next start answers so at once.
    if (pauseMs > 0) await setTimeout(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

function notStarted(cause: unknown): GroupReport {
  const error = errorInfo(new Error(`${pausesMs.length + 1} workers died before they began.`, { cause }), 'lost');
  return { replies: [], death: { category: 'lost', error: { ...error, code: workerNotStarted } } };
}
