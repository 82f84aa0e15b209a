/** The states of a batch, as stores hold them: `status.substate`. */
export type BatchState =
  | 'pending'
  | 'running'
  | 'completed'
  | 'failed.waiting'
  | 'failed.isolating'
  | 'failed.dead'
  | 'crashed.deciding'
  | 'crashed.waiting'
  | 'crashed.isolating'
  | 'crashed.dead'
  | 'cancelled';

/** What can happen to a batch. */
export type BatchEventType =
  | 'CLAIM'
  | 'COMPLETE'
  | 'FAIL'
  | 'CRASH'
  | 'RESCUE'
  | 'DECIDE'
  | 'RELEASE'
  | 'FOUND'
  | 'CANCEL'
  | 'REOPEN'
  | 'REPLAY';

/** One legal move: only these are ever written, and every store refuses the others. */
export interface Move<State extends string, Event extends string> {
  readonly from: State;
  readonly event: Event;
  readonly to: State;
}

type BatchMove = Move<BatchState, BatchEventType>;

function moves<State extends string, Event extends string>(from: State, event: Event, ...to: State[]): Move<State, Event>[] {
  return to.map((target) => ({ from, event, to: target }));
}

/**
 * Every legal move of a batch. Written out here because stores may not import machines;
 * a test holds it against the chart, candidate by candidate.
 */
export const batchMoves: readonly BatchMove[] = [
  ...moves<BatchState, BatchEventType>('pending', 'CLAIM', 'running'),
  ...moves<BatchState, BatchEventType>('pending', 'CANCEL', 'cancelled'),
  ...moves<BatchState, BatchEventType>('running', 'COMPLETE', 'completed'),
  ...moves<BatchState, BatchEventType>('running', 'FAIL', 'failed.waiting', 'failed.isolating', 'failed.dead'),
  ...moves<BatchState, BatchEventType>('running', 'CRASH', 'crashed.waiting', 'crashed.isolating', 'crashed.dead'),
  ...moves<BatchState, BatchEventType>('running', 'RESCUE', 'crashed.deciding'),
  ...moves<BatchState, BatchEventType>('running', 'RELEASE', 'pending'),
  ...moves<BatchState, BatchEventType>('running', 'FOUND', 'pending'),
  ...moves<BatchState, BatchEventType>('running', 'CANCEL', 'cancelled'),
  ...(['failed', 'crashed'] as const).flatMap((status) => [
    ...moves<BatchState, BatchEventType>(`${status}.waiting`, 'CLAIM', 'running'),
    ...moves<BatchState, BatchEventType>(`${status}.waiting`, 'CANCEL', 'cancelled'),
    ...moves<BatchState, BatchEventType>(`${status}.isolating`, 'CLAIM', 'running'),
    ...moves<BatchState, BatchEventType>(`${status}.isolating`, 'CANCEL', 'cancelled'),
    ...moves<BatchState, BatchEventType>(`${status}.dead`, 'REPLAY', 'pending'),
  ]),
  ...(['REOPEN', 'REPLAY'] as const).flatMap((event) => moves<BatchState, BatchEventType>('completed', event, 'pending')),
  ...moves<BatchState, BatchEventType>('crashed.deciding', 'DECIDE', 'crashed.waiting', 'crashed.isolating', 'crashed.dead'),
  ...moves<BatchState, BatchEventType>('crashed.deciding', 'RELEASE', 'pending'),
  ...moves<BatchState, BatchEventType>('crashed.deciding', 'CANCEL', 'cancelled'),
];

/** The states of a session. `crashed` is what a view shows when the coordinator's lease ran out. */
export type SessionState =
  | 'pending'
  | 'running.streaming'
  | 'running.draining'
  | 'finalizing'
  | 'completed'
  | 'failed'
  | 'crashed'
  | 'cancelled';

export type SessionEventType =
  | 'START'
  | 'SOURCE_ENDED'
  | 'BARRIER'
  | 'FINALIZED'
  | 'FAIL'
  | 'CANCEL'
  | 'CRASH'
  | 'RESUME'
  | 'REPLAY';

type SessionMove = Move<SessionState, SessionEventType>;

/** Every legal move of a session; held against its chart by the same test. */
export const sessionMoves: readonly SessionMove[] = [
  ...moves<SessionState, SessionEventType>('pending', 'START', 'running.streaming'),
  ...moves<SessionState, SessionEventType>('pending', 'FAIL', 'failed'),
  ...moves<SessionState, SessionEventType>('pending', 'CANCEL', 'cancelled'),
  ...moves<SessionState, SessionEventType>('pending', 'CRASH', 'crashed'),
  ...moves<SessionState, SessionEventType>('running.streaming', 'SOURCE_ENDED', 'running.draining'),
  ...(['running.streaming', 'running.draining'] as const).flatMap((state) => [
    ...moves<SessionState, SessionEventType>(state, 'FAIL', 'failed'),
    ...moves<SessionState, SessionEventType>(state, 'CANCEL', 'cancelled'),
    ...moves<SessionState, SessionEventType>(state, 'CRASH', 'crashed'),
  ]),
  ...moves<SessionState, SessionEventType>('running.draining', 'BARRIER', 'finalizing', 'failed'),
  ...moves<SessionState, SessionEventType>('finalizing', 'FINALIZED', 'completed'),
  ...moves<SessionState, SessionEventType>('finalizing', 'FAIL', 'failed'),
  ...moves<SessionState, SessionEventType>('finalizing', 'CANCEL', 'cancelled'),
  ...moves<SessionState, SessionEventType>('finalizing', 'CRASH', 'crashed'),
  ...moves<SessionState, SessionEventType>('crashed', 'RESUME', 'pending', 'running.streaming', 'running.draining', 'finalizing'),
  ...moves<SessionState, SessionEventType>('crashed', 'CANCEL', 'cancelled'),
  ...moves<SessionState, SessionEventType>('completed', 'REPLAY', 'running.draining'),
  ...moves<SessionState, SessionEventType>('failed', 'REPLAY', 'running.draining'),
];

const batchTargets = targetsOf(batchMoves);
const sessionTargets = targetsOf(sessionMoves);

function targetsOf<State extends string>(table: readonly Move<State, string>[]): ReadonlyMap<State, ReadonlySet<State>> {
  const targets = new Map<State, Set<State>>();
  for (const { from, to } of table) targets.set(from, (targets.get(from) ?? new Set()).add(to));
  return targets;
}

/** Whether some event leads a batch from one state to the other. */
export function isBatchMove(from: BatchState, to: BatchState): boolean {
  return batchTargets.get(from)?.has(to) ?? false;
}

/** Whether some event leads a session from one state to the other. */
export function isSessionMove(from: SessionState, to: SessionState): boolean {
  return sessionTargets.get(from)?.has(to) ?? false;
}

/** Batch states that nothing follows but a replay. The others are open: they hold the barrier. */
export const endedBatchStates: readonly BatchState[] = ['completed', 'failed.dead', 'crashed.dead', 'cancelled'];

/** Every state of a batch that has not ended. */
export const openBatchStates: readonly BatchState[] = [...batchTargets.keys()].filter(
  (state) => !endedBatchStates.includes(state),
);

/** Session states that nothing follows but a replay. The others are live: they hold their key. */
export const endedSessionStates: readonly SessionState[] = ['completed', 'failed', 'cancelled'];

/** Whether a batch has ended. */
export function isEndedBatch(state: BatchState): boolean {
  return endedBatchStates.includes(state);
}

/** Whether a session has ended. */
export function isEndedSession(state: SessionState): boolean {
  return endedSessionStates.includes(state);
}
