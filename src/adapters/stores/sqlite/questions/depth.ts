import type { QueueDepth } from '../../../../model/questions.ts';
import type { SqliteFile } from '../file.ts';

/** Through the index of open batches: what has ended is never looked at. */
export const depthSql = `select job, count(*) as sessions, sum(state = 'pending') as waitingSessions, sum(pending) as pending,
  sum(retrying) as retrying, sum(running) as running, min(case when state = 'pending' then created_at end) as sessionSince,
  min(since) as pendingSince
from (
  select s.job, s.state, s.running, s.created_at, total(b.state in (0, 3, 6)) as pending, total(b.state in (2, 5)) as retrying,
    min(case when b.state in (0, 3, 6) then b.enqueued_at end) as since
  from sessions s indexed by sessions_live left join batches b indexed by batches_open on b.session = s.no and b.state < 10
  where s.ended = 0 and s.pruned = 0 group by s.no
) group by job order by job`;

export function depth(file: SqliteFile): readonly QueueDepth[] {
  return file.all<QueueDepth>(depthSql);
}
