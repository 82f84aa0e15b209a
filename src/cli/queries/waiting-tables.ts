import type { NotificationRecord } from '../../model/notifications.ts';
import type { QueueDepth } from '../../model/questions.ts';
import { brief, duration, moment, number } from '../terminal/words.ts';
import type { Rows } from './answer-tables.ts';

/** What waits, by job. */
export function depthRows(depths: readonly QueueDepth[], now: number): Rows {
  if (depths.length === 0) return [];
  const age = (since: number | null): string => (since === null ? '-' : duration(now - since));
  const heading = ['JOB', 'SESSIONS', 'NOT STARTED', 'FOR', 'PENDING', 'FOR', 'RETRYING', 'RUNNING'];
  const cells = (depth: QueueDepth): readonly string[] => [
    depth.job,
    number(depth.sessions),
    number(depth.waitingSessions),
    age(depth.sessionSince),
    number(depth.pending),
    age(depth.pendingSince),
    number(depth.retrying),
    number(depth.running),
  ];
  return [heading, ...depths.map(cells)];
}

/** What is not told yet, or was given up. */
export function notificationRows(records: readonly NotificationRecord[]): Rows {
  if (records.length === 0) return [];
  const heading = ['NOTIFICATION', 'TYPE', 'STATE', 'TRIES', 'DUE (UTC)', 'ERROR'];
  const cells = ({ notification, state, tries, dueAt, error }: NotificationRecord): readonly string[] => [
    notification.id,
    notification.type,
    state,
    number(tries),
    moment(dueAt),
    error ? brief(error.message) : '-',
  ];
  return [heading, ...records.map(cells)];
}
