import { assign, setup } from 'xstate';

/** What the chart knows of a session: flags and counts, never payloads. */
export interface SessionContext {
  /** Everything has been cut. */
  readonly sourceEnded: boolean;
  /** Which finalize this is, from 1. */
  readonly generation: number;
  /** While crashed: it had reached `finalizing`. */
  readonly wasFinalizing: boolean;
  /** While crashed: it had not been started. */
  readonly wasPending: boolean;
  /** `'forbid'`: one dead batch or item fails the session. */
  readonly partial: 'allow' | 'forbid';
  /** Held: nothing is cut, claimed or finalized. Beside the state, not a state. */
  readonly paused: boolean;
}

/** What a new session needs: nothing; the fields restore one. */
export type SessionInput = Partial<SessionContext>;

/** What can happen to a session. */
export type SessionEvent =
  | {
      readonly type:
        | 'START'
        | 'SOURCE_ENDED'
        | 'FINALIZED'
        | 'FAIL'
        | 'CANCEL'
        | 'CRASH'
        | 'RESUME'
        | 'REPLAY'
        | 'PAUSE'
        | 'UNPAUSE';
    }
  | {
      /** Every batch has ended. Counts batches. */
      readonly type: 'BARRIER';
      readonly total: number;
      readonly completed: number;
      readonly dead: number;
    };

/** A count of an event whose type promises nothing; what is no number counts as 0. */
function count(event: object, name: 'total' | 'completed' | 'dead'): number {
  const value = (event as Record<string, unknown>)[name];
  return typeof value === 'number' ? value : 0;
}

const chart = setup({
  types: {} as { context: SessionContext; events: SessionEvent; input: SessionInput },
  guards: {
    nothingCompleted: ({ event }) => count(event, 'total') > 0 && count(event, 'completed') === 0,
    partialForbidden: ({ context, event }) => context.partial === 'forbid' && count(event, 'dead') > 0,
    wasPending: ({ context }) => context.wasPending,
    wasFinalizing: ({ context }) => context.wasFinalizing,
    wasDraining: ({ context }) => context.sourceEnded,
  },
  actions: {
    noteSourceEnded: assign({ sourceEnded: true }),
    notePending: assign({ wasPending: true }),
    noteFinalizing: assign({ wasFinalizing: true }),
    forgetCrash: assign({ wasPending: false, wasFinalizing: false }),
    openNextGeneration: assign({ generation: ({ context }) => context.generation + 1, sourceEnded: true }),
    pause: assign({ paused: true }),
    unpause: assign({ paused: false }),
  },
});

const hold = { PAUSE: { actions: 'pause' }, UNPAUSE: { actions: 'unpause' } } as const;
const stop = { FAIL: '#session.failed', CANCEL: '#session.cancelled' } as const;
const replay = { REPLAY: { target: '#session.running.draining', actions: 'openNextGeneration' } } as const;

/**
 * The life of a session. `crashed` means that its coordinator's lease ran out; `RESUME` takes it back to where it was.
 * Only `cancelled` is final: `completed` and `failed` rest, since a replay can open them again.
 *
 * Keeps to what {@link compileRecordDriver} can carry. Guards and assigns are total: no event makes them throw.
 */
export const sessionMachine = chart.createMachine({
  id: 'session',
  initial: 'pending',
  context: ({ input }) => ({
    sourceEnded: input.sourceEnded ?? false,
    generation: input.generation ?? 1,
    wasFinalizing: input.wasFinalizing ?? false,
    wasPending: input.wasPending ?? false,
    partial: input.partial ?? 'allow',
    paused: input.paused ?? false,
  }),
  states: {
    pending: {
      description: 'Recorded; not started yet.',
      on: { START: 'running.streaming', CRASH: { target: 'crashed', actions: 'notePending' }, ...stop, ...hold },
    },
    running: {
      description: 'Its batches are cut and run.',
      initial: 'streaming',
      on: { CRASH: 'crashed', ...stop, ...hold },
      states: {
        streaming: {
          description: 'The source is read and cut while batches run.',
          on: { SOURCE_ENDED: { target: 'draining', actions: 'noteSourceEnded' } },
        },
        draining: {
          description: 'Everything is cut; the last batches run.',
          on: {
            BARRIER: [
              { guard: 'nothingCompleted', target: '#session.failed' },
              { guard: 'partialForbidden', target: '#session.failed' },
              { target: '#session.finalizing' },
            ],
          },
        },
      },
    },
    finalizing: {
      description: 'Every batch has ended; the result is made.',
      on: { FINALIZED: 'completed', CRASH: { target: 'crashed', actions: 'noteFinalizing' }, ...stop, ...hold },
    },
    completed: { description: 'Its result is recorded.', on: replay },
    failed: { description: 'It has no result. Outputs of its batches are kept.', on: replay },
    crashed: {
      description: "Its coordinator's lease ran out; another host may resume it.",
      on: {
        RESUME: [
          { guard: 'wasPending', target: 'pending', actions: 'forgetCrash' },
          { guard: 'wasFinalizing', target: 'finalizing', actions: 'forgetCrash' },
          { guard: 'wasDraining', target: 'running.draining', actions: 'forgetCrash' },
          { target: 'running.streaming', actions: 'forgetCrash' },
        ],
        CANCEL: 'cancelled',
        ...hold,
      },
    },
    cancelled: { description: 'Stopped on request, with what was done kept.', type: 'final' },
  },
});
