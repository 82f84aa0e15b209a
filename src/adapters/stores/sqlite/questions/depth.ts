import type { QueueDepth } from '../../../../model/questions.ts';
import type { SqliteFile } from '../file.ts';

/** Through the index of open batches: what has ended is never looked at. */
export const depthSql = `select s.job, count(*) as sessions, sum(s.state = 'pending') as waitingSessions,
  total(b.pending) as pending, total(b.retrying) as retrying, sum(s.running) as running,
  min(case when s.state = 'pending' then s.created_at end) as sessionSince, min(b.since) as pendingSince
from sessions s indexed by sessions_live left join (
  select session, sum(state in (0, 3, 6)) as pending, sum(state in (2, 5)) as retrying,
    min(case when state in (0, 3, 6) then enqueued_at end) as since
  from batches indexed by batches_open where state < 10 group by session
) b on b.session = s.no where s.ended = 0 and s.pruned = 0 group by s.job order by s.job`;

export function depth(file: SqliteFile): readonly QueueDepth[] {
  return file.all<QueueDepth>(depthSql);
}
