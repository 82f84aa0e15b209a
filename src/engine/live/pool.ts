import { mergeMap, type Subscription } from 'rxjs';
import type { Executor } from '../../model/executor.ts';
import type { LiveBatch } from './live-batch.ts';
import type { SessionFeed } from './live-session.ts';
import { createScheduler, type Pulled, type Scheduler } from './schedule.ts';

/** A session's batches on their way to a lane. */
export type PulledGroup = Pulled<SessionFeed, LiveBatch>;

/** An executor with the scheduler that keeps it busy. */
export interface Pool {
  readonly executor: Executor;
  readonly scheduler: Scheduler<SessionFeed, LiveBatch>;
  close(): Promise<void>;
}

/**
 * One group is at work in each worker. Where the host is another thread, one more a worker is claimed and waits in the host:
 * a worker that gets free never waits for the store, and the waiting group shares no fate with the one at work.
 */
export function createPool(executor: Executor, run: (pulled: PulledGroup) => Promise<void>): Pool {
  const lanes = executor.supports.kill ? executor.slots * 2 : executor.slots;
  const scheduler = createScheduler<SessionFeed, LiveBatch>(lanes);
  const running: Subscription = scheduler.groups$.pipe(mergeMap((pulled) => run(pulled))).subscribe();
  return {
    executor,
    scheduler,
    async close() {
      scheduler.close();
      running.unsubscribe();
      await executor.close();
    },
  };
}
