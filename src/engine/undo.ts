import { errorInfo } from '../model/error-info.ts';
import type { LiveSession } from './live-session.ts';
import { finalizeIdOf } from './move.ts';

/** Lets the job take back what its finalize has done, before the session ends without a result. Where that fails, the session ends all the same. */
export async function undo(session: LiveSession): Promise<void> {
  const { job, logger } = session;
  if (!job.undo) return;
  const finalizeId = finalizeIdOf(session);
  try {
    await job.undo({ finalizeId });
  } catch (thrown) {
    logger.error({ finalizeId, error: errorInfo(thrown).message }, 'undo failed: what finalize has done may still be there');
  }
}
