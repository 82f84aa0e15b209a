import { isMainThread } from 'node:worker_threads';
import { defineWork } from '../../../src/model/work.ts';
import { checkLines } from '../../../src/workloads/annotations/check-lines.ts';

/** The check of the workload, but a line of the project `check-killer` ends its worker. */
export default defineWork({
  ...checkLines,
  each: ((place, context) => {
    if (Buffer.from(context.resource.lineAt(place)).toString().includes('"project":"check-killer"')) {
      if (!isMainThread) process.exit(7);
      process.kill(process.pid, 'SIGKILL');
      for (;;) Math.random();
    }
    return checkLines.each(place, context);
  }) satisfies typeof checkLines.each,
});
