import type { ErrorInfo } from '../../model/errors.ts';
import type { LiveSession } from './live-session.ts';

/** Hosts in a row that may die before anything is cut or answered, until it is the session that kills them. */
const mostTakeovers = 5;

/**
 * Whether hosts die of what the session does on the host itself: reading its source, and, when all batches have ended, `combine`
 * and `finalize`. While it only waits for its batches it does nothing there: a session that was taken over combines at the end.
 *
 * Hosts that are killed from outside look the same, but hardly five times at the same place: what was cut or answered in between
 * counts anew.
 *
 * @param explained - Deaths of hosts that a batch of its own must have caused.
 */
export function isHostKiller({ recorded, chart }: LiveSession, explained: number): boolean {
  return chart.state !== 'running.draining' && recorded.takeovers - explained >= mostTakeovers;
}

/** Whether outputs are joined while batches run. Not after a death: then `combine` must be the only thing that can kill. */
export function combinesAhead({ recorded }: LiveSession): boolean {
  return recorded.takeovers === 0;
}

/** The end of a session that kills its hosts, naming the step. */
export function hostKiller(session: LiveSession): ErrorInfo {
  const message = `${session.recorded.takeovers} hosts in a row died while job ${session.job.name} ${stepOf(session)}, and nothing was cut or ended in between.`;
  return { name: 'SessionError', message, category: 'host-death', code: 'HOST_KILLER' };
}

function stepOf({ chart, recorded, job }: LiveSession): string {
  if (chart.state !== 'finalizing') return 'was reading its input (source)';
  return recorded.finalizeTries > 0 || !job.combine ? 'was in finalize' : 'was combining outputs (combine)';
}
