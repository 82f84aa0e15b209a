import type { Job } from '../../model/job.ts';
import type { Store } from '../../model/store.ts';
import type { Engine } from '../api/api.ts';
import type { Schedule, ScheduleOptions } from '../api/schedules.ts';
import type { Registry } from '../start/registry.ts';
import type { Schedules } from './schedules.ts';
import { scheduleViews } from './views.ts';

/** What an engine offers of schedules. */
export function scheduleMethods(parts: {
  schedules: Schedules;
  registry: Registry;
  store: Store;
  assertOpen(): void;
}): Pick<Engine, 'schedule' | 'schedules' | 'removeSchedule'> {
  const { schedules, registry, store, assertOpen } = parts;
  return {
    async schedule<Input, Result, Output>(job: Job<Input, Result, Output>, cron: string, options: ScheduleOptions<Input>) {
      assertOpen();
      const added = await schedules.add(registry.get(job), cron, options as ScheduleOptions<never>);
      // The job tells what its sessions give.
      return added as Schedule<Result, Output>;
    },
    async schedules() {
      assertOpen();
      return scheduleViews(store);
    },
    async removeSchedule(name) {
      assertOpen();
      return schedules.remove(name);
    },
  };
}
