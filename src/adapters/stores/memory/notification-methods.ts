import type { OwnerId, Timestamp } from '../../../model/ids.ts';
import {
  type Notification,
  type NotificationRecord,
  type NotificationSettle,
  type NotificationStore,
  undeliveredKeptMs,
} from '../../../model/notifications.ts';
import type { Questions } from '../../../model/questions.ts';
import { alertNotification, notificationOf } from '../notification-of.ts';
import { ownError } from './own.ts';
import { type SessionEntry, sessionRecord } from './session-entry.ts';
import type { MemoryState } from './state.ts';

/** A notification as this store keeps it. */
export interface NotificationRow {
  readonly record: NotificationRecord;
  /** Who is delivering it. */
  readonly owner: OwnerId | null;
}

/** What a memory store does for notifications. */
export function notificationMethods(state: MemoryState): NotificationStore {
  return {
    takeNotifications: async ({ owner, limit }) => take(state, owner, limit),
    settleNotification: async (settle) => settleOne(state, settle, state.begin()),
    async noteAlert({ name, message }) {
      const now = state.begin();
      if (message === null) state.alerts.delete(name);
      if (message === null || state.alerts.has(name)) return false;
      state.alerts.add(name);
      write(state, alertNotification(name, message, now));
      return true;
    },
  };
}

/** Writes what is to be told of a session that has just ended. */
export function notifyEnding(state: MemoryState, entry: SessionEntry): void {
  const notification = notificationOf(sessionRecord(entry));
  if (notification) write(state, notification);
}

function write({ notifications, wrote }: MemoryState, notification: Notification): void {
  const record: NotificationRecord = { notification, tries: 0, state: 'waiting', dueAt: notification.at, error: null };
  notifications.set(notification.id, { record, owner: null });
  wrote(1);
}

function take(state: MemoryState, owner: OwnerId, limit: number): readonly NotificationRecord[] {
  const now = state.begin();
  if (!state.isAlive(owner, now)) return [];
  forgetOld(state, now);
  const taken: NotificationRecord[] = [];
  for (const [id, row] of state.notifications) {
    if (taken.length >= limit) break;
    if (row.owner !== owner) {
      if (row.record.state !== 'waiting' || row.record.dueAt > now || state.isAlive(row.owner, now)) continue;
      state.notifications.set(id, { owner, record: { ...row.record, tries: row.record.tries + 1 } });
      state.wrote(1);
    }
    taken.push((state.notifications.get(id) as NotificationRow).record);
  }
  return taken;
}

function settleOne(state: MemoryState, { id, owner, to, inMs = 0, error }: NotificationSettle, now: Timestamp): void {
  const { notifications } = state;
  const row = notifications.get(id);
  if (!row || row.owner !== owner) return;
  state.wrote(1);
  if (to === 'delivered') {
    notifications.delete(id);
    return;
  }
  const kept = { ...row.record, error: ownError(error ?? null) };
  const record: NotificationRecord =
    to === 'again' ? { ...kept, dueAt: Math.round(now + inMs) } : { ...kept, state: 'undelivered', dueAt: now };
  notifications.set(id, { record, owner: null });
}

function forgetOld({ notifications }: MemoryState, now: Timestamp): void {
  for (const [id, { record }] of notifications) {
    if (record.state === 'undelivered' && record.dueAt + undeliveredKeptMs <= now) notifications.delete(id);
  }
}

export function notifications(
  state: MemoryState,
  { limit, state: wanted }: Questions['notifications']['filter'],
): readonly NotificationRecord[] {
  const found = [...state.notifications.values()].map(({ record }) => record);
  return found.filter((record) => wanted === undefined || record.state === wanted).slice(0, limit);
}
