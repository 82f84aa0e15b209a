import type { Note } from './history.ts';
import { share } from './pace.ts';

/** Executions after which this worker kills its host from within, at its beginning, middle or end; Infinity: never. */
const killAfter = Number(process.env.SOAK_KILL_AFTER ?? Number.POSITIVE_INFINITY);
let executions = 0;

/** Counts an execution. The answer is to be called at the three moments of it: at one of them the host may be killed. */
export function countExecution(note: Note): (moment: 0 | 1 | 2) => void {
  executions++;
  if (executions < killAfter) return () => undefined;
  const host = Number(process.env.SOAK_HOST);
  const chosen = Math.floor(share(host, executions) * 3);
  return (moment) => {
    if (moment !== chosen) return;
    note({ type: 'signal', signal: 'SIGKILL' });
    process.kill(host, 'SIGKILL');
  };
}
