import type { ErrorInfo } from './errors.ts';
import type { OwnerId, SessionId, Timestamp } from './ids.ts';
import type { Counts } from './outcome.ts';

interface NotificationBase {
  /** The same for every delivery of this notification, and of no other: what makes telling people idempotent. */
  readonly id: string;
  readonly at: Timestamp;
}

interface SessionFacts {
  readonly sessionId: SessionId;
  readonly job: string;
  readonly key: string;
  /** Which finalize this was, from 1: a replay ends as the next one, and is told of anew. */
  readonly generation: number;
  readonly counts: Counts;
}

/** What a host wants to be told of: how a session ended, or that a store is not well. */
export type Notification = NotificationBase &
  (
    | (SessionFacts & { readonly type: 'session.completed' })
    | (SessionFacts & { readonly type: 'session.failed' | 'session.cancelled'; readonly error: ErrorInfo })
    | {
        readonly type: 'alert';
        /** What is watched: one notification for each time that it begins. */
        readonly alert: AlertName;
        readonly message: string;
      }
  );

/** What alerts tell of: more crashes than usual, batches that will not end, or batches that nobody takes. */
export type AlertName = 'crash-rate' | 'stuck' | 'waiting';

/** A notification in the store: it waits to be delivered, or was given up. */
export interface NotificationRecord {
  readonly notification: Notification;
  /** Deliveries begun so far. */
  readonly tries: number;
  /** `undelivered`: its last try failed, and it is kept to be looked at. */
  readonly state: 'waiting' | 'undelivered';
  /** When it is tried next, or was given up. */
  readonly dueAt: Timestamp;
  /** What the last try failed with. */
  readonly error: ErrorInfo | null;
}

/** How a delivery ended. */
export interface NotificationSettle {
  readonly id: string;
  /** Who took it: another one's answer changes nothing. */
  readonly owner: OwnerId;
  /** `delivered`: it is deleted. `again`: it is due once more after `inMs`. `undelivered`: it is kept, and not tried any more. */
  readonly to: 'delivered' | 'again' | 'undelivered';
  readonly inMs?: number;
  readonly error?: ErrorInfo;
}

/** What a store does for notifications. */
export interface NotificationStore {
  /**
   * Hands notifications to `owner` that are due and that no living owner has, oldest first; and again those that it has already: the
   * first answer may have been lost. Counts a try when it is handed out, not when it is answered again. Nothing for an owner that is
   * not registered or whose lease ran out. Deletes what was given up more than 30 days ago.
   */
  takeNotifications(take: { readonly owner: OwnerId; readonly limit: number }): Promise<readonly NotificationRecord[]>;
  /** Records how a delivery ended, if `owner` still has it. */
  settleNotification(settle: NotificationSettle): Promise<void>;
  /**
   * Notes that something is not well (`message`), or well again (`null`). With the first message a notification is written, in the same
   * transaction; others follow only after it was well again. Answers whether one was written.
   */
  noteAlert(alert: { readonly name: AlertName; readonly message: string | null }): Promise<boolean>;
}

/** How long notifications are kept that were given up. */
export const undeliveredKeptMs = 30 * 86_400_000;
