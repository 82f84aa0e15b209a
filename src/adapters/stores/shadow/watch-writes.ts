import type { SessionId } from '../../../model/ids.ts';
import { isEndedSession } from '../../../model/moves.ts';
import { joinKey } from '../../../model/replica.ts';
import type { TickFence } from '../../../model/schedules.ts';
import type { BatchWrite, SessionCommit, Store } from '../../../model/store.ts';
import type { Marks } from './marks.ts';

/** Methods that change nothing that is copied. */
export const readNames = [
  'getSession',
  'findSession',
  'listSessions',
  'listCoordinated',
  'listBatches',
  'listOutputs',
  'listAttempts',
  'listDeadLetters',
  'groupFailures',
  'query',
  'now',
  'findCached',
  'listSchedules',
  'listTicks',
  'listTickInputs',
] as const satisfies readonly (keyof Store)[];

/** What the pair has of its own, or asks the deciding store for as it is. */
export const ownNames = [
  'name',
  'supports',
  'open',
  'close',
  'operations',
  'replica',
] as const satisfies readonly (keyof Store)[];

/** Methods that write. */
export type WriteName = Exclude<keyof Store, (typeof readNames)[number] | (typeof ownNames)[number]>;

/** What became of a call; undefined when it failed: nobody knows then whether it was done. */
type Answered<Name extends WriteName> = { readonly answer: Awaited<ReturnType<Store[Name]>> } | undefined;

/** Where what a write may have changed is noted. */
export interface Notes {
  readonly marks: Marks;
  /** The jobs of sessions that came by: a commit names sessions alone. */
  readonly jobs: Map<SessionId, string>;
}

type Marker<Name extends WriteName> = (notes: Notes, given: Parameters<Store[Name]>, answered: Answered<Name>) => void;

/**
 * What each write may have changed, read from the call and its answer: too much costs a copy of what is there already, too little would
 * be a difference that nobody knows of.
 */
export const markers: { readonly [Name in WriteName]: Marker<Name> } = {
  registerOwner: ({ marks }, [owner]) => marks.unit('owners', owner),
  renewOwner: ({ marks }, [owner]) => marks.unit('owners', owner),
  removeOwner: ({ marks }, [owner]) => marks.unit('owners', owner),
  createSession: (notes, [{ id, job }]) => noteNew(notes, id, job),
  moveSession({ marks, jobs }, [{ id, to, cancelOpen }]) {
    marks.unit('sessions', id);
    if (to === 'completed') marks.unit('values', id);
    if (cancelOpen) marks.scope({ kind: 'batches', session: id });
    if (!isEndedSession(to)) return;
    marks.scope({ kind: 'notifications' });
    jobs.delete(id);
  },
  requestSession: ({ marks }, [id]) => marks.unit('sessions', id),
  countFinalizeTry: ({ marks }, [id]) => marks.unit('sessions', id),
  leaveSession: ({ marks }, [id]) => marks.unit('sessions', id),
  adoptSession({ marks, jobs }, [id], answered) {
    marks.unit('sessions', id);
    // Stores notice here which owners have died.
    marks.scope({ kind: 'owners' });
    if (answered?.answer) jobs.set(id, answered.answer.job);
  },
  replaySession({ marks, jobs }, [{ id, batches }], answered) {
    marks.unit('sessions', id);
    for (const { number } of batches) marks.batch(id, number);
    if (answered?.answer) jobs.set(id, answered.answer.job);
  },
  purgeDeadLetters({ marks }, [{ sessionId, number }]) {
    if (number === undefined) marks.scope({ kind: 'batches', session: sessionId });
    else marks.batch(sessionId, number);
  },
  commit(notes, [{ sessions }], answered) {
    for (const [index, part] of sessions.entries()) {
      markCommit(notes, part, answered && (answered.answer.sessions[index]?.claimed ?? []));
    }
  },
  rescue({ marks }, _, answered) {
    marks.scope({ kind: 'owners' });
    if (answered?.answer !== 0) marks.rescued();
  },
  prune({ marks }, _, answered) {
    // What belongs to a session goes with it.
    if (answered?.answer !== 0) marks.scope({ kind: 'sessions' });
  },
  pruneCache({ marks }, _, answered) {
    if (answered?.answer !== 0) marks.scope({ kind: 'cached_outputs' });
  },
  saveSchedule: ({ marks }, [{ name }]) => marks.unit('schedules', name),
  removeSchedule: ({ marks }, [name]) => marks.unit('schedules', name),
  takeTick({ marks }, [fence], answered) {
    if (answered && !answered.answer) return;
    markTick(marks, fence);
    // Old ones go.
    marks.scope({ kind: 'ticks' });
  },
  endTick: ({ marks }, [fence]) => markTick(marks, fence),
  createTickSession(notes, [{ schedule, at, session }]) {
    noteNew(notes, session.id, session.job);
    notes.marks.unit('tick_inputs', joinKey(schedule, at, session.key));
    notes.marks.waiting(schedule);
  },
  noteTickInput({ marks }, [{ schedule, at, key, outcome }]) {
    marks.unit('tick_inputs', joinKey(schedule, at, key));
    if (outcome === 'queued') marks.waiting(schedule);
  },
  takeNotifications({ marks }, _, answered) {
    if (answered?.answer.length !== 0) marks.scope({ kind: 'notifications' });
  },
  settleNotification: ({ marks }, [{ id }]) => marks.unit('notifications', id),
  noteAlert({ marks }, [{ name }], answered) {
    marks.unit('alerts', name);
    if (answered?.answer !== false) marks.scope({ kind: 'notifications' });
  },
};

function noteNew({ marks, jobs }: Notes, id: SessionId, job: string): void {
  marks.unit('sessions', id);
  marks.unit('values', id);
  jobs.set(id, job);
}

function markTick(marks: Marks, { schedule, at }: TickFence): void {
  marks.unit('schedules', schedule);
  marks.unit('ticks', joinKey(schedule, at));
}

type Claimed = readonly { readonly number: number }[] | undefined;

function markCommit(notes: Notes, part: SessionCommit, claimed: Claimed): void {
  const { marks } = notes;
  const { sessionId, writes = [], enqueue, claim } = part;
  marks.unit('sessions', sessionId);
  for (const write of writes) markWrite(notes, sessionId, write);
  for (const { number } of enqueue?.batches ?? []) marks.batch(sessionId, number);
  for (const { number } of claimed ?? []) marks.batch(sessionId, number);
  for (const bucket of claim?.rate?.buckets ?? []) marks.unit('rates', bucket);
  if (claimed || !claim) return;
  if (claim.numbers) for (const number of claim.numbers) marks.batch(sessionId, number);
  else marks.scope({ kind: 'batches', session: sessionId });
}

function markWrite({ marks, jobs }: Notes, sessionId: SessionId, { number, deadLetters = [], cache }: BatchWrite): void {
  marks.batch(sessionId, number);
  for (const letter of deadLetters) marks.batch(sessionId, letter.number ?? number);
  if (!cache) return;
  const job = jobs.get(sessionId);
  if (job === undefined) marks.scope({ kind: 'cached_outputs' });
  else marks.unit('cached_outputs', joinKey(job, cache.series, cache.range));
}

/** The deciding store's methods, as they are; what a write may have changed is noted as soon as it is answered. */
export function watchedMethods(store: () => Store, note: (write: (notes: Notes) => void) => void): WatchedMethods {
  const methods: Record<string, unknown> = {};
  for (const name of readNames) methods[name] = (...given: unknown[]) => call(store(), name, given);
  for (const name of Object.keys(markers) as WriteName[]) {
    const marker = markers[name] as (notes: Notes, given: readonly unknown[], answered: unknown) => void;
    methods[name] = (...given: unknown[]) => {
      const answer = call(store(), name, given);
      answer.then(
        (value) => note((notes) => marker(notes, given, { answer: value })),
        () => note((notes) => marker(notes, given, undefined)),
      );
      // The store's own promise: whoever waits for it waits no longer than without a copy.
      return answer;
    };
  }
  // Every name is there, with the store's own signature: the tables above are complete, which the compiler sees.
  return methods as unknown as WatchedMethods;
}

type WatchedMethods = Pick<Store, WriteName | (typeof readNames)[number]>;

function call(store: Store, name: keyof Store, given: readonly unknown[]): Promise<unknown> {
  return (store[name] as (...given: readonly unknown[]) => Promise<unknown>)(...given);
}
