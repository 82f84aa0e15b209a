import type { ErrorInfo } from './errors.ts';
import type { SessionId, Timestamp } from './ids.ts';
import type { BatchState } from './moves.ts';

interface EventBase {
  readonly sessionId: SessionId;
  readonly job: string;
  /** Rises by one with each event of a session, in the order of the writes they tell of. */
  readonly eventNumber: number;
  readonly at: Timestamp;
}

interface BatchEventBase extends EventBase {
  /** The chunk's number. */
  readonly number: number;
  readonly taskId: string;
  readonly attempt: number;
}

/** What happened. Sent after the write that made it true. */
export type MillraceEvent =
  | (EventBase & { readonly type: 'session.started' })
  | (EventBase & { readonly type: 'session.resumed' })
  | (EventBase & { readonly type: 'session.draining'; readonly chunks: number })
  | (EventBase & { readonly type: 'session.paused' | 'session.unpaused' })
  | (EventBase & { readonly type: 'session.cancelling'; readonly reason: string })
  | (EventBase & { readonly type: 'session.finalizing'; readonly finalizeId: string })
  | (EventBase & { readonly type: 'session.completed' })
  | (EventBase & { readonly type: 'session.failed' | 'session.cancelled'; readonly error: ErrorInfo })
  | (EventBase & { readonly type: 'batches.enqueued'; readonly count: number })
  | (BatchEventBase & { readonly type: 'batch.claimed' })
  | (BatchEventBase & { readonly type: 'batch.completed'; readonly items: number; readonly ms: number; readonly cached?: true })
  | (BatchEventBase & { readonly type: 'batch.failed' | 'batch.crashed'; readonly state: BatchState; readonly error: ErrorInfo })
  | (BatchEventBase & { readonly type: 'batch.released' })
  /** The item that killed the batch was found: the batch begins anew without it. */
  | (BatchEventBase & { readonly type: 'batch.found'; readonly itemId: string; readonly error: ErrorInfo })
  /** A completed batch runs again, since an item that it had seen was given up. */
  | (BatchEventBase & { readonly type: 'batch.reopened' })
  | (BatchEventBase & { readonly type: 'batch.skipped'; readonly reason: 'already_processed' })
  /** Another batch has its task: it was recorded, and is not run. */
  | (BatchEventBase & {
      readonly type: 'batch.skipped';
      readonly reason: 'duplicate';
      readonly of: { readonly sessionId: SessionId; readonly number: number };
    });
