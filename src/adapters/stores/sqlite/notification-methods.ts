import type { Timestamp } from '../../../model/ids.ts';
import {
  type Notification,
  type NotificationRecord,
  type NotificationSettle,
  type NotificationStore,
  undeliveredKeptMs,
} from '../../../model/notifications.ts';
import type { Questions } from '../../../model/questions.ts';
import type { SessionRecord } from '../../../model/records.ts';
import { alertNotification, notificationOf } from '../notification-of.ts';
import type { SqliteFile } from './file.ts';
import { readJson } from './file-text.ts';
import { isDeadSql, type Owners } from './owners.ts';
import { errorText, readError } from './session-rows.ts';

/** What an SQLite store does for notifications. */
export function notificationMethods(file: SqliteFile, owners: Owners): NotificationStore {
  return {
    async takeNotifications({ owner, limit }) {
      owners.noticeDeaths();
      // Asked on a timer: as long as there is nothing, nothing is written.
      if (!file.get('select 1 from notifications limit 1')) return [];
      return file.write('group', (now) => {
        const no = owners.livingNo(owner, now);
        return no === undefined ? [] : take(file, no, limit, now);
      });
    },
    settleNotification: async (settle) => file.write('group', (now) => settleOne(file, settle, now)),
    async noteAlert({ name, message }) {
      // The same here: asked every time that somebody looks.
      if ((file.get('select 1 from alerts where name = ?', name) !== undefined) === (message !== null)) return false;
      return file.write('session', (now) => {
        if (message === null) {
          file.run('delete from alerts where name = ?', name);
          return false;
        }
        if (file.run('insert into alerts (name) values (?) on conflict (name) do nothing', name) === 0) return false;
        write(file, alertNotification(name, message, now));
        return true;
      });
    },
  };
}

/** Writes what is to be told of a session that has just ended. */
export function notifyEnding(file: SqliteFile, session: SessionRecord): void {
  const notification = notificationOf(session);
  if (notification) write(file, notification);
}

function write(file: SqliteFile, notification: Notification): void {
  const sql = 'insert into notifications (id, notification, due_at) values (?, ?, ?)';
  file.run(sql, notification.id, JSON.stringify(notification), notification.at);
}

/** A notification's row. */
export interface NotificationRow {
  readonly no: number;
  readonly notification: string;
  readonly tries: number;
  readonly undelivered: number;
  readonly due_at: number;
  readonly owner: number | null;
  readonly error: string | null;
}

/** `?1` is the time, `?2` who asks. */
export const dueSql = `select * from notifications indexed by notifications_due
where undelivered = 0 and (owner = ?2 or (due_at <= ?1 and ${isDeadSql('owner')})) order by no limit ?3`;

function take(file: SqliteFile, owner: number, limit: number, now: Timestamp): readonly NotificationRecord[] {
  file.run('delete from notifications where undelivered = 1 and due_at <= ?', now - undeliveredKeptMs);
  return file.all<NotificationRow>(dueSql, now, owner, limit).flatMap((row) => {
    const isHeld = row.owner === owner;
    if (!isHeld) file.run('update notifications set owner = ?, tries = tries + 1 where no = ?', owner, row.no);
    return recordOf({ ...row, tries: row.tries + Number(!isHeld) });
  });
}

const mine = 'id = ? and owner = (select no from owners where id = ?)';

function settleOne(file: SqliteFile, { id, owner, to, inMs = 0, error }: NotificationSettle, now: Timestamp): void {
  if (to === 'delivered') {
    file.run(`delete from notifications where ${mine}`, id, owner);
    return;
  }
  const dueAt = to === 'again' ? Math.round(now + inMs) : now;
  const sql = `update notifications set owner = null, undelivered = ?, due_at = ?, error = ? where ${mine}`;
  file.run(sql, Number(to === 'undelivered'), dueAt, errorText(error), id, owner);
}

/** A row that can't be read is passed over: others must be told all the same. */
export function recordOf({
  notification: text,
  tries,
  undelivered,
  due_at,
  error,
}: NotificationRow): readonly NotificationRecord[] {
  const notification = readJson<Notification | null>(text, isNotification, null);
  if (!notification) return [];
  return [{ notification, tries, state: undelivered ? 'undelivered' : 'waiting', dueAt: due_at, error: readError(error) }];
}

function isNotification(value: unknown): value is Notification {
  const { id, at, type } = Object(value) as Readonly<Record<string, unknown>>;
  return typeof id === 'string' && typeof at === 'number' && typeof type === 'string';
}

export function notifications(
  file: SqliteFile,
  { limit, state }: Questions['notifications']['filter'],
): readonly NotificationRecord[] {
  const wanted = state === undefined ? null : Number(state === 'undelivered');
  const sql = 'select * from notifications where ?1 is null or undelivered = ?1 order by no limit ?2';
  return file.all<NotificationRow>(sql, wanted, limit).flatMap(recordOf);
}
