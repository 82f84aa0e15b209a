import type { ErrorInfo } from '../model/errors.ts';
import type { LiveSession } from './live-session.ts';

/** Hosts in a row that may die without a single answer of a worker, until it is the session that kills them. */
const mostTakeovers = 3;

/**
 * Whether hosts die of what the session does on the host itself: while it only waits for its last batches, it does
 * nothing there.
 *
 * @param explained - Deaths of hosts that a batch of its own must have caused.
 */
export function isHostKiller({ recorded, chart, job }: LiveSession, explained: number): boolean {
  const isAtWork = chart.state !== 'running.draining' || job.combine !== undefined;
  return isAtWork && recorded.takeovers - explained >= mostTakeovers;
}

/** The end of a session that kills its hosts, naming the step. */
export function hostKiller(session: LiveSession): ErrorInfo {
  const message = `${session.recorded.takeovers} hosts in a row died while job ${session.job.name} ${stepOf(session)}, and no batch ended in between.`;
  return { name: 'SessionError', message, category: 'host-death', code: 'HOST_KILLER' };
}

function stepOf({ chart, recorded, job }: LiveSession): string {
  if (chart.state === 'finalizing')
    return recorded.finalizeTries > 0 || !job.combine ? 'was in finalize' : 'was combining outputs (combine)';
  if (!recorded.position.ended) return 'was reading its input (source)';
  return 'was combining outputs (combine)';
}
