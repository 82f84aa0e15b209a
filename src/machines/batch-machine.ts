import { assign, setup } from 'xstate';
import type { Timestamp } from '../model/ids.ts';

/** What the chart knows of a batch: counts and flags, never payloads. */
export interface BatchContext {
  /** Charged attempts: the one that runs is counted. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** Whether the batch can be taken apart to find the item that kills it. */
  readonly canIsolate: boolean;
  /** When a waiting batch may be claimed again; null: at once. */
  readonly retryAt: Timestamp | null;
  /** Was in a group whose worker died: runs alone from now on. */
  readonly suspect: boolean;
  /** Taken apart: its runs look for the item that kills it, and are no attempts. */
  readonly probing: boolean;
}

/** What a new batch needs; the other fields restore one. */
export type BatchInput = Pick<BatchContext, 'maxAttempts'> & Partial<BatchContext>;

/** How an attempt ended badly, as far as the chart must know. */
interface BadEnd {
  /** Whether trying again can help. */
  readonly retryable: boolean;
  /** When to try again, if at all. */
  readonly retryAt: Timestamp;
  /** Whether one item may be to blame for all. */
  readonly isolatable?: boolean;
}

/** What can happen to a batch. */
export type BatchEvent =
  | { readonly type: 'CLAIM'; readonly at: Timestamp }
  | { readonly type: 'COMPLETE' | 'RESCUE' | 'CANCEL' | 'REOPEN' | 'REPLAY' }
  /** An item was given up; `probing`: the search goes on with another. */
  | { readonly type: 'FOUND'; readonly probing?: boolean }
  | ({ readonly type: 'FAIL' | 'CRASH' | 'DECIDE' } & BadEnd)
  | { readonly type: 'RELEASE'; readonly suspect: boolean };

/** A field of an event whose type promises nothing: events are built from what stores and workers answered. */
function field(event: object, name: keyof BadEnd | 'at' | 'suspect' | 'probing'): unknown {
  return (event as Record<string, unknown>)[name];
}

function momentOf(value: unknown): Timestamp | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

const chart = setup({
  types: {} as { context: BatchContext; events: BatchEvent; input: BatchInput },
  guards: {
    isDue: ({ context, event }) => context.retryAt === null || (momentOf(field(event, 'at')) ?? Number.NaN) >= context.retryAt,
    canRetry: ({ context, event }) => field(event, 'retryable') === true && context.attempt < context.maxAttempts,
    canIsolate: ({ context, event }) => context.canIsolate && field(event, 'isolatable') === true,
  },
  actions: {
    chargeAttempt: assign({ attempt: ({ context }) => (context.probing ? context.attempt : context.attempt + 1), retryAt: null }),
    refundAttempt: assign({
      attempt: ({ context }) => (context.probing ? context.attempt : Math.max(0, context.attempt - 1)),
      suspect: ({ context, event }) => context.suspect || field(event, 'suspect') === true,
    }),
    scheduleRetry: assign({ retryAt: ({ event }) => momentOf(field(event, 'retryAt')), probing: false }),
    beginSearch: assign({ probing: true }),
    startAnew: assign({ attempt: 0, retryAt: null, probing: ({ event }) => field(event, 'probing') === true }),
  },
});

const claim = { CLAIM: { guard: 'isDue', target: '#batch.running', actions: 'chargeAttempt' } } as const;
const release = { RELEASE: { target: '#batch.pending', actions: 'refundAttempt' } } as const;
const cancel = { CANCEL: '#batch.cancelled' } as const;
const anew = { target: '#batch.pending', actions: 'startAnew' } as const;

function whatFollows<Status extends 'failed' | 'crashed'>(status: Status) {
  return [
    { guard: 'canRetry', target: `#batch.${status}.waiting`, actions: 'scheduleRetry' },
    { guard: 'canIsolate', target: `#batch.${status}.isolating`, actions: 'beginSearch' },
    { target: `#batch.${status}.dead` },
  ] as const;
}

/**
 * The life of a batch. `failed` and `crashed` rest, so that an onlooker sees them; their substate says what follows.
 * Only `cancelled` is final: what a replay can open again rests.
 *
 * Keeps to what {@link compileRecordDriver} can carry. Guards and assigns are total: no event makes them throw.
 */
export const batchMachine = chart.createMachine({
  id: 'batch',
  initial: 'pending',
  context: ({ input }) => ({
    attempt: input.attempt ?? 0,
    maxAttempts: input.maxAttempts,
    canIsolate: input.canIsolate ?? false,
    retryAt: input.retryAt ?? null,
    suspect: input.suspect ?? false,
    probing: input.probing ?? false,
  }),
  states: {
    pending: { description: 'Enqueued; nobody has claimed it.', on: { ...claim, ...cancel } },
    running: {
      description: 'Claimed by a host under a token; its work runs, or is about to.',
      on: {
        COMPLETE: 'completed',
        FAIL: whatFollows('failed'),
        CRASH: whatFollows('crashed'),
        RESCUE: 'crashed.deciding',
        FOUND: anew,
        ...release,
        ...cancel,
      },
    },
    completed: {
      description: 'Its output is stored. Items given up on the way are dead letters.',
      on: { REOPEN: anew, REPLAY: anew },
    },
    failed: {
      description: 'The work threw, or took too long.',
      initial: 'waiting',
      states: {
        waiting: { description: 'Will be tried again once its time has come.', on: { ...claim, ...cancel } },
        isolating: {
          description: 'Taken apart to find the item that fails it.',
          on: { ...claim, ...cancel },
        },
        dead: { description: 'Given up; its items are dead letters until a replay.', on: { REPLAY: anew } },
      },
    },
    crashed: {
      description: 'The worker or the host died, ran out of memory, or went silent.',
      initial: 'deciding',
      states: {
        deciding: {
          description: 'Rescued from a dead host; its coordinator has not yet decided what follows.',
          on: { DECIDE: whatFollows('crashed'), ...release, ...cancel },
        },
        waiting: { description: 'Will be tried again once its time has come.', on: { ...claim, ...cancel } },
        isolating: {
          description: 'Taken apart to find the item that kills its worker.',
          on: { ...claim, ...cancel },
        },
        dead: { description: 'Given up; its items are dead letters until a replay.', on: { REPLAY: anew } },
      },
    },
    cancelled: { description: 'Its session was cancelled before it ended.', type: 'final' },
  },
});
