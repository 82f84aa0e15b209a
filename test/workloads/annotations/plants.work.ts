import { isMainThread } from 'node:worker_threads';
import { defineWork } from '../../../src/model/work.ts';
import { alignRecord } from '../../../src/workloads/annotations/align-record.ts';

/** The work of the workload, but a record of the project `killer` ends its worker, and one of `thrower` makes it throw. */
export default defineWork({
  ...alignRecord,
  each: ((item, context) => {
    const json = Buffer.from(context.resource.lines.lineAt(item)).toString();
    if (json.includes('"project":"killer"')) end();
    if (json.includes('"project":"thrower"')) throw new Error('planted');
    return alignRecord.each(item, context);
  }) satisfies typeof alignRecord.each,
});

function end(): void {
  if (isMainThread) process.kill(process.pid, 'SIGKILL');
  else process.exit(7);
  // A signal to oneself takes its time.
  for (;;) Math.random();
}
