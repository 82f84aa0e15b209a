import assert from 'node:assert/strict';
import type { TickInput, TickOutcome } from '../../model/schedules.ts';
import { failure, leaseMs, newSession, otherHost, sessionIdOf } from './scene.ts';
import { type ScheduleScene, startSchedule, typeOf } from './schedule-cases.ts';
import type { StoreCase, StoreWorld } from './store-case.ts';

interface InputScene extends ScheduleScene {
  start(number: number, at: number, owner?: typeof otherHost, key?: string): ReturnType<StoreWorld['store']['createTickSession']>;
  note(outcome: Exclude<TickOutcome, 'started'>, at: number, owner?: typeof otherHost, key?: string): Promise<boolean>;
  inputs(outcome?: TickOutcome): Promise<readonly TickInput[]>;
  endSession(number: number): Promise<void>;
}

/** A schedule whose first tick, ten after its beginning, the first host has taken. */
async function startInputs(world: StoreWorld): Promise<InputScene> {
  const { store } = world;
  const scene = await startSchedule(world);
  await scene.take(scene.from + 10);
  return {
    ...scene,
    start: (number, at, owner, key = 'ann') =>
      store.createTickSession({ ...scene.fence(scene.from + at, owner), session: newSession(number, { key }) }),
    note: (outcome, at, owner, key = 'ann') =>
      store.noteTickInput({
        ...{ ...scene.fence(scene.from + at, owner), key, outcome, sessionId: sessionIdOf(9) },
        ...(outcome === 'queued' && { input: `{"at":${at}}` }),
        ...(outcome === 'failed' && { error: failure }),
      }),
    inputs: (outcome) => store.listTickInputs({ schedule: 'nightly', after: 0, limit: 9, ...(outcome && { outcome }) }),
    async endSession(number) {
      await store.moveSession({ id: sessionIdOf(number), epoch: 1, from: 'pending', to: 'cancelled' });
    },
  };
}

function brief({ at, key, outcome, sessionId, input }: TickInput, from: number): string {
  return [at - from, key, outcome, sessionId?.slice(-1) ?? '-', input ?? '-'].join(' ');
}

/** What every store does with the inputs of ticks. */
export const tickInputCases: readonly StoreCase[] = [
  {
    name: 'records a session together with the note that its tick has started it',
    async run(world) {
      const { from, start, inputs } = await startInputs(world);
      const started = await start(1, 10);
      assert.equal(typeOf(started), 'created');
      assert.deepEqual(started.type === 'created' && started.session, await world.store.getSession(sessionIdOf(1)));
      const input = { schedule: 'nightly', at: from + 10, key: 'ann', sessionId: sessionIdOf(1) };
      assert.deepEqual(await inputs(), [{ ...input, outcome: 'started', error: null, input: null }]);
      assert.equal((await world.store.listTicks({ schedule: 'nightly', limit: 1 }))[0]?.inputs.started, 1);
    },
  },
  {
    name: 'starts an input of a tick once, whoever asks again',
    async run(world) {
      const { start, take, from, endSession, inputs } = await startInputs(world);
      await start(1, 10);
      assert.equal(typeOf(await start(1, 10)), 'created');
      await endSession(1);
      assert.equal(typeOf(await start(2, 10)), 'decided');
      world.clock.advance(leaseMs);
      await take(from + 10, otherHost);
      const again = await start(3, 10, otherHost);
      assert.deepEqual(again.type === 'decided' && again.input.sessionId, sessionIdOf(1));
      await world.store.prune({ endedBefore: world.clock.now() + 1, limit: 9 });
      assert.deepEqual([typeOf(await start(4, 10, otherHost)), typeOf(await start(1, 10, otherHost))], ['decided', 'decided']);
      assert.equal((await inputs()).length, 1);
      assert.deepEqual(await world.store.listSessions({ limit: 9 }), []);
    },
  },
  {
    name: 'starts nothing for a host that has not the tick, nor for a tick that has ended or is not there',
    async run(world) {
      const { start, note, end, from, inputs } = await startInputs(world);
      assert.deepEqual([typeOf(await start(1, 10, otherHost)), typeOf(await start(1, 20))], ['fenced', 'fenced']);
      assert.deepEqual([await note('skipped', 10, otherHost), await note('skipped', 20)], [false, false]);
      await end(from + 10);
      assert.deepEqual([typeOf(await start(1, 10)), await note('skipped', 10)], ['fenced', false]);
      assert.deepEqual([await inputs(), await world.store.listSessions({ limit: 9 })], [[], []]);
    },
  },
  {
    name: 'refuses a host from which its open tick was taken over',
    async run(world) {
      const { start, note, take, from } = await startInputs(world);
      world.clock.advance(leaseMs);
      await take(from + 10, otherHost);
      assert.deepEqual([typeOf(await start(1, 10)), await note('skipped', 10)], ['fenced', false]);
      assert.equal(typeOf(await start(2, 10, otherHost)), 'created');
    },
  },
  {
    name: 'answers the live session of the key, and notes nothing by itself',
    async run(world) {
      const { start, inputs } = await startInputs(world);
      await world.store.createSession(newSession(7, { key: 'ann' }));
      const started = await start(1, 10);
      assert.deepEqual([started.type, started.type === 'live' && started.session.id], ['live', sessionIdOf(7)]);
      assert.deepEqual([await inputs(), await world.store.getSession(sessionIdOf(1))], [[], undefined]);
    },
  },
  {
    name: 'notes what became of an input once, and counts it with its tick',
    async run(world) {
      const { note, from, inputs } = await startInputs(world);
      assert.deepEqual(
        [
          await note('failed', 10),
          await note('failed', 10),
          await note('skipped', 10),
          await note('resumed', 10, undefined, 'bob'),
        ],
        [true, true, false, true],
      );
      assert.deepEqual(
        (await inputs()).map((input) => brief(input, from)),
        ['10 ann failed 9 -', '10 bob resumed 9 -'],
      );
      assert.deepEqual((await inputs('failed'))[0]?.error, failure);
      const [tick] = await world.store.listTicks({ schedule: 'nightly', limit: 1 });
      assert.deepEqual(tick?.inputs, { started: 0, resumed: 1, skipped: 0, queued: 0, failed: 1 });
    },
  },
  {
    name: 'lets an input wait until any host starts it, and once',
    async run(world) {
      const { note, start, end, from, inputs } = await startInputs(world);
      await note('queued', 10);
      await note('queued', 10);
      await end(from + 10);
      assert.deepEqual(
        (await inputs('queued')).map((input) => brief(input, from)),
        ['10 ann queued 9 {"at":10}'],
      );
      const started = [await start(1, 10, otherHost), await start(2, 10)];
      assert.deepEqual(started.map(typeOf), ['created', 'decided']);
      assert.deepEqual(
        (await inputs()).map((input) => brief(input, from)),
        ['10 ann started 1 -'],
      );
    },
  },
  {
    name: 'lets one input a key wait: a newer one that waits or is started takes its place',
    async run(world) {
      const { note, start, take, end, from, inputs } = await startInputs(world);
      const briefs = async () => (await inputs()).map((input) => brief(input, from));
      await note('queued', 10);
      await note('queued', 10, undefined, 'bob');
      await end(from + 10);
      await take(from + 20);
      await note('queued', 20);
      assert.deepEqual(await briefs(), ['10 ann skipped 9 -', '10 bob queued 9 {"at":10}', '20 ann queued 9 {"at":20}']);
      await end(from + 20);
      await take(from + 30);
      await start(1, 30);
      assert.equal(typeOf(await start(2, 20)), 'decided');
      assert.deepEqual((await briefs()).slice(1), ['10 bob queued 9 {"at":10}', '20 ann skipped 9 -', '30 ann started 1 -']);
    },
  },
  {
    name: 'keeps ticks whose inputs wait, and drops inputs with their tick',
    async run(world) {
      const { note, take, end, fence, from, inputs } = await startInputs(world);
      await note('queued', 10);
      await note('skipped', 10, undefined, 'bob');
      for (const at of [10, 20, 30, 40]) {
        await take(from + at, undefined, 1);
        await world.store.noteTickInput({ ...fence(from + at), key: 'cid', outcome: 'skipped', sessionId: null });
        await end(from + at);
      }
      const ticks = await world.store.listTicks({ schedule: 'nightly', limit: 9 });
      assert.deepEqual(
        ticks.map(({ at }) => at - from),
        [40, 10],
      );
      assert.deepEqual(
        (await inputs()).map(({ at, key }) => `${at - from} ${key}`),
        ['10 ann', '10 bob', '10 cid', '40 cid'],
      );
    },
  },
  {
    name: 'reads inputs page by page, of one tick and of one outcome',
    async run(world) {
      const { note, take, end, from } = await startInputs(world);
      for (const key of ['d', 'b', 'ä\u0000', 'c']) await note('skipped', 10, undefined, key);
      await end(from + 10);
      await take(from + 20);
      await note('failed', 20);
      const read = async (filter: object, after = 0, limit = 9) =>
        (await world.store.listTickInputs({ schedule: 'nightly', after, limit, ...filter })).map(({ key }) => key).join(' ');
      assert.deepEqual(
        [
          await read({}),
          await read({}, 1, 2),
          await read({ at: from + 20 }),
          await read({ outcome: 'failed' }),
          await read({}, 9),
        ],
        ['d b ä\u0000 c ann', 'b ä\u0000', 'ann', 'ann', ''],
      );
      assert.equal(await read({ at: from + 10, outcome: 'failed' }), '');
    },
  },
];
