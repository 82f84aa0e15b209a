import * as assert from 'uvu/assert';
import type { AnyActorRef, InspectionEvent } from 'xstate';
import { batchMachine } from '../../src/machines/batch-machine.ts';
import { createEngineActors, type EngineActors, type EngineActorsOptions } from '../../src/machines/engine-actors.ts';
import { flatStateOf } from '../../src/machines/flat-state.ts';
import { compileRecordDriver } from '../../src/machines/record-driver.ts';
import type { BatchEvent, RecordOf } from '../../src/machines.ts';
import type { BatchRef, SessionId } from '../../src/model/ids.ts';
import { suite } from '../support/suite.ts';

const test = suite('inspection');

type Batch = RecordOf<typeof batchMachine>;

const session = 'session-1' as SessionId;
const batches = compileRecordDriver(batchMachine);
const pending = batches.start({ maxAttempts: 3 });
const claimed = moved(pending, { type: 'CLAIM', at: 0 });
const ref = (number: number): BatchRef => ({ sessionId: session, number });

function moved(record: Batch, event: BatchEvent): Batch {
  const next = batches.step(record, event);
  if (!next) throw new Error(`${record.state} does not answer ${event.type}`);
  return next;
}

function world(options: Partial<EngineActorsOptions> = {}): EngineActors {
  const unexpected = (error: unknown): never => {
    throw error;
  };
  return createEngineActors({
    batchLimit: 4,
    batchesInFlight: () => [],
    onSessionError: (_, error) => unexpected(error),
    onInspectorError: unexpected,
    ...options,
  });
}

function idOf(actorRef: InspectionEvent['actorRef']): string {
  return (actorRef as AnyActorRef).id;
}

/** What an onlooker knows: each actor's newest state by its id, stopped ones marked. */
function onlooker(): { readonly see: (event: InspectionEvent) => void; readonly picture: () => Record<string, string> } {
  const states = new Map<string, string>();
  const see = (event: InspectionEvent): void => {
    const id = idOf(event.actorRef);
    if (event.type === '@xstate.actor') states.set(id, 'new');
    if (event.type !== '@xstate.snapshot') return;
    const { status, value } = event.snapshot as { status: string; value?: string };
    states.set(id, status === 'active' && value !== undefined ? flatStateOf(value) : status);
  };
  return { see, picture: () => Object.fromEntries(states) };
}

test('attached late, shows the sessions and the batches in flight', () => {
  const engine = world({
    batchesInFlight: () => [
      { ref: ref(3), record: claimed },
      { ref: ref(9), record: pending },
    ],
  });
  engine.adoptSession(session, {}).send({ type: 'START' });
  const { see, picture } = onlooker();
  engine.system.inspect(see);
  assert.equal(picture(), { engine: 'active', [session]: 'running.streaming', batches: 'active', [`${session}#3`]: 'running' });
  engine.stop();
});

test('follows sessions and batches while it is attached', () => {
  const engine = world();
  const { see, picture } = onlooker();
  engine.system.inspect(see);
  const actor = engine.adoptSession(session, {});
  actor.send({ type: 'START' });
  engine.batchMoved(ref(0), pending, { type: 'CLAIM', at: 0 });
  assert.is(picture()[`${session}#0`], 'running');
  engine.batchMoved(ref(0), claimed, { type: 'FAIL', retryable: false, retryAt: 0 });
  assert.equal(picture(), { engine: 'active', batches: 'active', [session]: 'running.streaming', [`${session}#0`]: 'stopped' });
  engine.stop();
});

test('sees each move of a batch, also the last one', () => {
  const engine = world();
  const seen: string[] = [];
  engine.system.inspect((event) => {
    if (event.type === '@xstate.snapshot') seen.push(`${idOf(event.actorRef)} ${event.event.type}`);
  });
  engine.batchMoved(ref(0), pending, { type: 'CLAIM', at: 0 });
  engine.batchMoved(ref(0), claimed, { type: 'COMPLETE' });
  const own = seen.filter((line) => line.startsWith(`${session}#0`)).map((line) => line.split(' ')[1]);
  assert.equal(own, ['xstate.init', 'CLAIM', 'COMPLETE', 'xstate.stop']);
  engine.stop();
});

test('shows no more batches at once than its limit, and no batch that only waits', () => {
  const engine = world({
    batchLimit: 2,
    batchesInFlight: () => [0, 1, 2].map((number) => ({ ref: ref(number), record: claimed })),
  });
  const { see, picture } = onlooker();
  engine.system.inspect(see);
  engine.batchMoved(ref(7), pending, { type: 'CANCEL' });
  const shown = (): string[] => Object.keys(picture()).filter((id) => id.includes('#'));
  assert.equal(shown(), [`${session}#0`, `${session}#1`]);
  engine.batchMoved(ref(1), claimed, { type: 'COMPLETE' });
  engine.batchMoved(ref(2), claimed, { type: 'COMPLETE' });
  engine.batchMoved(ref(5), pending, { type: 'CLAIM', at: 0 });
  assert.equal(shown(), [`${session}#0`, `${session}#1`, `${session}#2`, `${session}#5`]);
  engine.stop();
});

test('makes batch actors only while somebody watches', () => {
  let asked = 0;
  const engine = world({
    batchesInFlight: () => {
      asked++;
      return [{ ref: ref(0), record: claimed }];
    },
  });
  engine.batchMoved(ref(0), pending, { type: 'CLAIM', at: 0 });
  assert.is(asked, 0);
  const first = onlooker();
  const second = onlooker();
  const leaving = [engine.system.inspect(first.see), engine.system.inspect(second.see)];
  assert.is(asked, 1);
  assert.is(second.picture()[`${session}#0`], 'running');
  leaving[0]?.unsubscribe();
  engine.batchMoved(ref(0), claimed, { type: 'COMPLETE' });
  assert.is(first.picture()[`${session}#0`], 'running');
  assert.is(second.picture()[`${session}#0`], 'stopped');
  for (const subscription of leaving) subscription.unsubscribe();
  engine.system.inspect(() => undefined);
  assert.is(asked, 2);
  engine.stop();
});

test('drops the batches of a session with it', () => {
  const engine = world({ batchesInFlight: () => [{ ref: ref(0), record: claimed }] });
  engine.adoptSession(session, {});
  const { see, picture } = onlooker();
  engine.system.inspect(see);
  engine.dropSession(session);
  assert.equal(picture(), { engine: 'active', batches: 'active', [session]: 'stopped', [`${session}#0`]: 'stopped' });
  engine.stop();
});

test('detaches an inspector that throws, tells it why, and disturbs nothing', () => {
  const complaint = new Error('an inspector that throws');
  const told: unknown[] = [];
  const engine = world({ onInspectorError: (error) => told.push(error) });
  const actor = engine.adoptSession(session, {});
  const throwing = (): never => {
    throw complaint;
  };
  engine.system.inspect({ next: throwing, error: (error) => told.push(['own', error]) });
  engine.system.inspect(throwing);
  let calls = 0;
  engine.system.inspect((event) => {
    if (event.type === '@xstate.event') throwing();
    calls++;
  });
  actor.send({ type: 'START' });
  actor.send({ type: 'SOURCE_ENDED' });
  assert.is(actor.snapshot.state, 'running.draining');
  assert.equal(told, [['own', complaint], complaint, complaint]);
  assert.ok(calls > 0);
  engine.stop();
});

test('lets the last inspector leave while it is being told of a new batch', () => {
  const engine = world();
  let seen = 0;
  let ended = 0;
  const subscription = engine.system.inspect(({ actorRef }) => {
    if (idOf(actorRef) !== `${session}#0`) return;
    seen++;
    (actorRef as AnyActorRef).subscribe({ complete: () => ended++ });
    subscription.unsubscribe();
  });
  engine.batchMoved(ref(0), pending, { type: 'CLAIM', at: 0 });
  engine.batchMoved(ref(0), claimed, { type: 'COMPLETE' });
  assert.equal([seen, ended], [1, 1], 'seen once, and not left running');
  const { see, picture } = onlooker();
  engine.system.inspect(see);
  assert.equal(picture(), { engine: 'active', batches: 'active' });
  engine.stop();
});

test('leaves nothing behind when the engine stops: every actor ends, every inspector completes', () => {
  const engine = world({ batchesInFlight: () => [{ ref: ref(0), record: claimed }] });
  const sessionActor = engine.adoptSession(session, {});
  const ended: string[] = [];
  let completed = 0;
  const observer = {
    next: ({ type, actorRef }: InspectionEvent) => {
      const actor = actorRef as AnyActorRef;
      if (type === '@xstate.actor') actor.subscribe({ complete: () => ended.push(actor.id) });
    },
    complete: () => completed++,
  };
  engine.system.inspect(observer);
  engine.stop();
  engine.system.inspect(observer);
  sessionActor.send({ type: 'START' });
  assert.is(completed, 2);
  assert.equal(ended.sort(), ['batches', 'engine', session, `${session}#0`].sort());
  assert.is(sessionActor.snapshot.state, 'pending');
});

test.run();
