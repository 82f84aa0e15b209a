import * as assert from 'uvu/assert';
import { createEngineActors, type EngineActors, type EngineActorsOptions } from '../../src/machines/engine-actors.ts';
import type { SessionId } from '../../src/model/ids.ts';
import { suite } from '../support/suite.ts';
import { sessionContext } from './chart-events.ts';

const test = suite('actors of an engine');

const session = 'session-1' as SessionId;

function actors(options: Partial<EngineActorsOptions> = {}): EngineActors {
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

test('takes a new session through its life', () => {
  const engine = actors();
  const actor = engine.adoptSession(session, { partial: 'allow' });
  assert.is(actor.snapshot.state, 'pending');
  for (const type of ['START', 'SOURCE_ENDED'] as const) actor.send({ type });
  actor.send({ type: 'BARRIER', total: 2, completed: 2, dead: 0 });
  actor.send({ type: 'FINALIZED' });
  assert.is(actor.snapshot.state, 'completed');
  engine.stop();
});

test('takes a resumed session back to where it was', () => {
  const engine = actors();
  const context = sessionContext({ sourceEnded: true, generation: 2 });
  const actor = engine.adoptSession(session, { state: 'crashed', context });
  assert.equal(actor.snapshot, { state: 'crashed', context });
  actor.send({ type: 'RESUME' });
  assert.is(actor.snapshot.state, 'running.draining');
  engine.stop();
});

test('drops the old actor when a session is adopted again', () => {
  const engine = actors();
  const old = engine.adoptSession(session, {});
  const fresh = engine.adoptSession(session, {});
  old.send({ type: 'START' });
  fresh.send({ type: 'CANCEL' });
  assert.is(old.snapshot.state, 'pending');
  assert.is(fresh.snapshot.state, 'cancelled');
  engine.stop();
});

test('reports a chart that throws as an error of its session, and keeps the others', () => {
  const errors: [SessionId, unknown][] = [];
  const engine = actors({ onSessionError: (id, error) => errors.push([id, error]) });
  const broken = new Error('a broken context');
  const context = Object.defineProperty(sessionContext(), 'wasPending', {
    get: () => {
      throw broken;
    },
  });
  const other = engine.adoptSession('session-2' as SessionId, {});
  const actor = engine.adoptSession(session, { state: 'crashed', context });
  actor.send({ type: 'RESUME' });
  actor.send({ type: 'CANCEL' });
  other.send({ type: 'START' });
  assert.equal(errors, [[session, broken]]);
  assert.is(other.snapshot.state, 'running.streaming');
  engine.stop();
});

test('ignores what is sent to a session that was dropped or cancelled', () => {
  const engine = actors();
  const actor = engine.adoptSession(session, {});
  engine.dropSession(session);
  engine.dropSession(session);
  actor.send({ type: 'START' });
  assert.is(actor.snapshot.state, 'pending');
  engine.stop();
});

test('adopts nothing once it was stopped', () => {
  const engine = actors();
  engine.stop();
  engine.stop();
  assert.throws(
    () => engine.adoptSession(session, {}),
    (error: { code?: string }) => error.code === 'ENGINE_CLOSED',
  );
});

test.run();
