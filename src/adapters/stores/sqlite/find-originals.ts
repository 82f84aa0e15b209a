import type { SessionId, Timestamp } from '../../../model/ids.ts';
import type { TaskDedupe } from '../../../model/store.ts';
import { duplicateCode } from '../duplicate-task.ts';
import type { SqliteFile } from './file.ts';
import { toFileText } from './file-text.ts';
import { stateCodes } from './state-codes.ts';

/** Tasks that one statement looks for: crossing into the driver costs more than the look. */
const tasksTogether = 50;

/** Finds the batches that hold so many tasks: these are the first parameters, then comes the latest moment that is too long ago. */
export function originalsSql(states: TaskDedupe['states'], tasks: number): string {
  const codes = states.map((state) => stateCodes[state]).join(', ');
  const wanted = Array.from({ length: tasks }, () => '(?)').join(', ');
  // The joins stand in the order in which they must be done: from the tasks on.
  return `select b.task_id as task, b.enqueued_at as at, s.id as sessionId, b.number
  from (values ${wanted}) w cross join batches b on b.task_id = w.column1 cross join sessions s on s.no = b.session
  where b.enqueued_at > ? and b.state in (${codes}) and s.pruned = 0
    and (b.error is null or b.error ->> '$.code' is not '${duplicateCode}')`;
}

interface Original {
  readonly task: string;
  readonly at: Timestamp;
  readonly sessionId: SessionId;
  readonly number: number;
}

/** The stored batches that hold these tasks, of several for a task the newest; by the tasks' names as the file has them. */
export function findOriginals(
  file: SqliteFile,
  taskIds: Iterable<string>,
  { windowMs, states }: TaskDedupe,
  now: Timestamp,
): ReadonlyMap<string, Original> {
  const originals = new Map<string, Original>();
  const tasks = [...new Set(taskIds)].map(toFileText);
  for (let at = 0; at < tasks.length; ) {
    const group = tasks.slice(at, at + (tasks.length - at >= tasksTogether ? tasksTogether : 1));
    const sql = originalsSql(states, group.length);
    for (const row of file.all<Original>(sql, ...group, now - windowMs)) {
      if (row.at >= (originals.get(row.task)?.at ?? 0)) originals.set(row.task, row);
    }
    at += group.length;
  }
  return originals;
}
