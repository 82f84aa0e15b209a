import type { Clock } from '../model/clock.ts';
import { durationMs } from '../model/duration.ts';
import { errorInfo } from '../model/error-info.ts';
import type { JobDefinition } from '../model/job.ts';
import type { Logger } from '../model/logger.ts';
import { isEndedBatch } from '../model/moves.ts';
import type { Store } from '../model/store.ts';
import type { StartOptions } from './options.ts';

const keptByDefault = '7d';

/** How long a session is kept after its end; null: for ever. What it promised outlives `keep`: tasks that its ended batches hold. */
export function keepMsOf({ keep: ofJob, dedupe }: JobDefinition, start: StartOptions): number | null {
  const keep = start.keep ?? ofJob ?? keptByDefault;
  if (keep === 'forever') return null;
  const wanted = keep === 'end' ? 0 : durationMs(keep, 'keep');
  const holdsTasks = dedupe?.states?.some(isEndedBatch) === true;
  return holdsTasks ? Math.max(wanted, durationMs(dedupe.window, 'dedupe.window')) : wanted;
}

/** Sessions deleted at once: the store is never held for long. */
const page = 20;

/** Deletes sessions that have been kept long enough. */
export interface Retention {
  /** Looks now, and every `everyMs` from then on. Never rejects. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A host's retention. `onPruned` is called when sessions are gone. */
export function createRetention(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly everyMs: number;
  onPruned(): void;
}): Retention {
  const { store, clock, logger, everyMs } = parts;
  let stopped = false;
  let cancel = (): void => undefined;
  let looking = Promise.resolve();

  const prune = async (): Promise<void> => {
    try {
      for (let pruned = page; pruned === page && !stopped; ) {
        pruned = await store.prune({ overdue: true, limit: page });
        if (pruned === 0) return;
        parts.onPruned();
        logger.info({ sessions: pruned }, 'sessions that were kept long enough are deleted');
      }
    } catch (error) {
      logger.error({ error: errorInfo(error).message }, 'sessions that were kept long enough could not be deleted');
    }
  };
  const look = (): Promise<void> => {
    looking = prune().then(() => {
      if (!stopped) cancel = clock.after(everyMs, () => void look(), { background: true });
    });
    return looking;
  };
  return {
    start: look,
    async stop() {
      stopped = true;
      cancel();
      await looking;
    },
  };
}
