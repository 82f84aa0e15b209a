import type { AnyEventObject } from 'xstate';
import { type BatchContext, batchMachine } from '../../src/machines/batch-machine.ts';
import { type SessionContext, sessionMachine } from '../../src/machines/session-machine.ts';
import { batchMoves, sessionMoves } from '../../src/model/moves.ts';

/** Values that no honest event carries. */
const garbage: readonly unknown[] = [
  undefined,
  null,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  '3',
  10n,
  Symbol('garbage'),
  {},
  [],
  () => 1,
];

function withGarbage(types: readonly string[], fields: readonly string[]): AnyEventObject[] {
  const filled = garbage.map((value) => Object.fromEntries(fields.map((field) => [field, value])));
  const strangers = ['', 'claim', 'toString', '__proto__', 'constructor'].map((type) => ({ type }));
  return [...types.flatMap((type) => [{ type }, ...filled.map((payload) => ({ type, ...payload }))]), ...strangers];
}

const badEnds = [
  { retryable: true, retryAt: 50 },
  { retryable: false, retryAt: 50 },
  { retryable: false, retryAt: 50, isolatable: true },
  { retryable: true, retryAt: 50, isolatable: true },
];

/** Each batch event, with a payload for each way of its guards. */
export const batchEvents: readonly AnyEventObject[] = [
  { type: 'CLAIM', at: 10 },
  { type: 'CLAIM', at: 100 },
  ...['COMPLETE', 'RESCUE', 'FOUND', 'CANCEL', 'REOPEN', 'REPLAY'].map((type) => ({ type })),
  ...['FAIL', 'CRASH', 'DECIDE'].flatMap((type) => badEnds.map((end) => ({ type, ...end }))),
  { type: 'FOUND', probing: true },
  { type: 'RELEASE', suspect: true },
  { type: 'RELEASE', suspect: false },
];

/** Each session event, with a payload for each way of its guards. */
export const sessionEvents: readonly AnyEventObject[] = [
  ...['START', 'SOURCE_ENDED', 'FINALIZED', 'FAIL', 'CANCEL', 'CRASH', 'RESUME', 'REPLAY', 'PAUSE', 'UNPAUSE'].map((type) => ({
    type,
  })),
  { type: 'BARRIER', total: 0, completed: 0, dead: 0 },
  { type: 'BARRIER', total: 3, completed: 0, dead: 3 },
  { type: 'BARRIER', total: 3, completed: 2, dead: 1 },
  { type: 'BARRIER', total: 3, completed: 3, dead: 0 },
];

/** Both charts with what their tests need; inputs that together reach every guard. */
export const charts = [
  {
    name: 'batch',
    machine: batchMachine,
    table: batchMoves,
    events: batchEvents,
    garbage: withGarbage(
      ['CLAIM', 'FAIL', 'CRASH', 'DECIDE', 'RELEASE', 'COMPLETE', 'FOUND'],
      ['at', 'retryable', 'retryAt', 'isolatable', 'suspect'],
    ),
    inputs: [
      { maxAttempts: 1 },
      { maxAttempts: 3 },
      { maxAttempts: 2, canIsolate: true },
      batchContext({ attempt: 7, suspect: true }),
      batchContext({ attempt: 2, probing: true }),
    ],
  },
  {
    name: 'session',
    machine: sessionMachine,
    table: sessionMoves,
    events: sessionEvents,
    garbage: withGarbage(['BARRIER', 'PAUSE', 'RESUME'], ['total', 'completed', 'dead']),
    inputs: [{}, { partial: 'forbid' as const }, sessionContext({ paused: true, generation: 4 })],
  },
] as const;

export function batchContext(over: Partial<BatchContext> = {}): BatchContext {
  return { attempt: 0, maxAttempts: 3, canIsolate: true, retryAt: null, suspect: false, probing: false, ...over };
}

export function sessionContext(over: Partial<SessionContext> = {}): SessionContext {
  return { sourceEnded: false, generation: 1, wasFinalizing: false, wasPending: false, partial: 'allow', paused: false, ...over };
}
