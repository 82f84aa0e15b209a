import { isMainThread } from 'node:worker_threads';
import { defineWork, type SetupContext } from '../../../src/model/work.ts';
import type { Listing } from '../../../src/workloads/poll/listing.ts';
import { type PollSettings, readLog } from '../../../src/workloads/poll/read-log.ts';

/** The work of a poll, but a log called `killer` ends its worker. */
export default defineWork({
  each(listing: Listing, context: SetupContext<PollSettings>) {
    if (listing.file.includes('killer')) end();
    return readLog.each(listing, context);
  },
});

function end(): void {
  if (isMainThread) process.kill(process.pid, 'SIGKILL');
  else process.exit(7);
  // A signal to oneself takes its time.
  for (;;) Math.random();
}
