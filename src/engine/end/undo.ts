import { errorInfo } from '../../model/error-info.ts';
import type { LiveSession } from '../live/live-session.ts';
import { finalizeIdOf } from '../live/move.ts';

/**
 * Lets the job take back what its finalize has done, before the session ends without a result. Where that fails, the session ends
 * all the same. Not while another host coordinates the session: it finalizes under the very same id.
 */
export async function undo(session: LiveSession): Promise<void> {
  const { job, logger, ports } = session;
  if (!job.undo) return;
  const recorded = await ports.persist(() => ports.store.getSession(session.id));
  if (recorded?.epoch !== session.epoch) return;
  const finalizeId = finalizeIdOf(session);
  try {
    await job.undo({ finalizeId });
  } catch (thrown) {
    logger.error({ finalizeId, error: errorInfo(thrown).message }, 'undo failed: what finalize has done may still be there');
  }
}

/** Whether a host before this one has called finalize for this generation, and did not come to its end. */
export function wasFinalizedBefore({ chart, recorded }: LiveSession): boolean {
  return chart.state === 'finalizing' && recorded.finalizeTries > 0;
}
