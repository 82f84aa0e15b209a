import { byCount, defineJob, workModule } from '../src/index.ts';
import { workFile } from './beside.ts';
import type { FailingItem } from './failing.ts';
import type work from './failing.work.ts';

/** One item that fails. It is not tried again by itself, so that the first failure is the one that is measured. */
export const failing = defineJob(workModule<typeof work>(workFile('failing.work')), {
  name: 'failing',
  source: (item: FailingItem) => [item],
  chunk: byCount(1),
  retry: { attempts: 1 },
});
