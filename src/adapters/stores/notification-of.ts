import type { Timestamp } from '../../model/ids.ts';
import type { AlertName, Notification } from '../../model/notifications.ts';
import type { SessionRecord } from '../../model/records.ts';

/** What is told of a session that has just ended; undefined when nobody asked for it, or it has not. */
export function notificationOf(session: SessionRecord): Notification | undefined {
  const { id, job, key, generation, counts, state, endedAt, error, notifies } = session;
  if (!notifies || endedAt === null) return undefined;
  const facts = { id: `${id}.${generation}`, at: endedAt, sessionId: id, job, key, generation, counts };
  if (state === 'completed') return { ...facts, type: 'session.completed' };
  if (state !== 'failed' && state !== 'cancelled') return undefined;
  const unknown = { name: 'Error', message: 'No reason was recorded.', category: 'lost' } as const;
  return { ...facts, type: `session.${state}`, error: error ?? unknown };
}

/** What is told of something that has just begun to be not well. */
export function alertNotification(alert: AlertName, message: string, at: Timestamp): Notification {
  return { id: `alert.${alert}.${at}`, type: 'alert', at, alert, message };
}
