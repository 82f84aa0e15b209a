import assert from 'node:assert/strict';
import type { NewSchedule, TickFence, TickRecord, TickStarted } from '../../model/schedules.ts';
import { host, leaseMs, otherHost } from './scene.ts';
import type { StoreCase, StoreWorld } from './store-case.ts';

/** A schedule as its host gives it. */
export function newSchedule(changes: Partial<NewSchedule> = {}): NewSchedule {
  return { name: 'nightly', job: 'sum', cron: '0 3 * * *', zone: 'UTC', overlap: 'skip', catchUp: 'once', ...changes };
}

/** Short ways to act on the ticks of one schedule. */
export interface ScheduleScene {
  /** When the schedule was made. */
  readonly from: number;
  fence(at: number, owner?: TickFence['owner']): TickFence;
  take(at: number, owner?: TickFence['owner'], keep?: number): Promise<TickRecord | undefined>;
  end(at: number, owner?: TickFence['owner']): Promise<boolean>;
}

/** Makes a scene: two hosts are registered, and the schedule is there. */
export async function startSchedule({ store, clock }: StoreWorld): Promise<ScheduleScene> {
  await store.registerOwner(host, leaseMs);
  await store.registerOwner(otherHost, leaseMs * 10);
  await store.saveSchedule(newSchedule());
  const fence: ScheduleScene['fence'] = (at, owner = host) => ({ schedule: 'nightly', at, owner });
  return {
    from: clock.now(),
    fence,
    take: (at, owner, keep = 9) => store.takeTick({ ...fence(at, owner), missed: 2, keep }),
    end: (at, owner) => store.endTick({ ...fence(at, owner), state: 'done' }),
  };
}

/** What became of a start, in one word. */
export function typeOf({ type }: TickStarted): TickStarted['type'] {
  return type;
}

/** What every store does with schedules and their ticks. */
export const scheduleCases: readonly StoreCase[] = [
  {
    name: 'keeps a schedule, and answers it by its name',
    async run({ store, clock }) {
      const made = await store.saveSchedule(newSchedule());
      const now = clock.now();
      assert.deepEqual(made, { ...newSchedule(), decidedUntil: now, openTick: null, createdAt: now });
      clock.advance(5);
      const other = await store.saveSchedule(
        newSchedule({ name: 'daily', catchUp: 'all', overlap: 'queue', zone: 'Asia/Tokyo' }),
      );
      assert.deepEqual(await store.listSchedules({}), [other, made]);
      assert.deepEqual(await store.listSchedules({ name: 'nightly' }), [made]);
      assert.deepEqual(await store.listSchedules({ name: 'weekly' }), []);
    },
  },
  {
    name: 'goes on counting the ticks of a schedule that is made again, and anew when its pattern or zone is another',
    async run({ store, clock }) {
      const { createdAt } = await store.saveSchedule(newSchedule());
      clock.advance(1_000);
      const again = await store.saveSchedule(newSchedule({ overlap: 'queue', catchUp: 'none', job: 'product' }));
      assert.deepEqual(again, {
        ...newSchedule({ overlap: 'queue', catchUp: 'none', job: 'product' }),
        ...rest(createdAt, createdAt),
      });
      assert.equal((await store.saveSchedule(newSchedule({ cron: '@hourly' }))).decidedUntil, createdAt + 1_000);
      clock.advance(1_000);
      const moved = await store.saveSchedule(newSchedule({ cron: '@hourly', zone: 'Europe/Berlin' }));
      assert.deepEqual([moved.decidedUntil, moved.createdAt], [createdAt + 2_000, createdAt]);
    },
  },
  {
    name: 'gives a tick to one of two hosts that ask for it',
    async run(world) {
      const { from, take } = await startSchedule(world);
      const taken = await Promise.all([take(from + 10), take(from + 10, otherHost)]);
      assert.equal(taken.filter((tick) => tick).length, 1);
      assert.deepEqual(taken[0], {
        ...{ schedule: 'nightly', at: from + 10, state: 'open', owner: host, takes: 1, missed: 2 },
        ...{ takenAt: world.clock.now(), endedAt: null, error: null, inputs: noInputs },
      });
      const [schedule] = await world.store.listSchedules({});
      assert.deepEqual([schedule?.openTick, schedule?.decidedUntil], [from + 10, from + 10]);
    },
  },
  {
    name: 'gives no tick that is decided, none while one is open, none of a schedule that is not there, and none to the dead',
    async run(world) {
      const { from, take, end } = await startSchedule(world);
      assert.equal(await take(from), undefined);
      assert.ok(await take(from + 10));
      assert.equal(await take(from + 20, otherHost), undefined);
      assert.equal(await take(from + 20), undefined);
      assert.equal(await end(from + 10), true);
      assert.equal(await take(from + 10), undefined);
      assert.equal(await take(from + 5, otherHost), undefined);
      assert.equal(await world.store.takeTick({ schedule: 'weekly', at: from + 20, owner: host, missed: 0, keep: 9 }), undefined);
      world.clock.advance(leaseMs);
      assert.equal(await take(from + 20), undefined);
      assert.ok(await take(from + 20, otherHost));
    },
  },
  {
    name: 'gives an open tick on when its owner died or left, and answers its owner as the first time',
    async run(world) {
      const { from, take } = await startSchedule(world);
      const first = await take(from + 10);
      world.clock.advance(leaseMs - 1);
      assert.deepEqual([await take(from + 10, otherHost), await take(from + 10)], [undefined, first]);
      world.clock.advance(1);
      const second = await take(from + 10, otherHost);
      assert.deepEqual(second, first && { ...first, owner: otherHost, takes: 2, takenAt: world.clock.now() });
      await world.store.removeOwner(otherHost);
      await world.store.registerOwner(host, leaseMs);
      assert.deepEqual([(await take(from + 10))?.takes, await take(from + 20)], [3, undefined]);
    },
  },
  {
    name: 'ends a tick for its owner alone, and once',
    async run(world) {
      const { from, take, end, fence } = await startSchedule(world);
      const { store, clock } = world;
      await take(from + 10);
      assert.deepEqual([await end(from + 10, otherHost), await end(from + 20)], [false, false]);
      clock.advance(7);
      const error = { name: 'Error', message: 'no users', category: 'error' } as const;
      assert.equal(await store.endTick({ ...fence(from + 10), state: 'failed', error }), true);
      clock.advance(7);
      assert.deepEqual(
        [await store.endTick({ ...fence(from + 10), state: 'failed', error }), await end(from + 10)],
        [true, false],
      );
      const [tick] = await store.listTicks({ schedule: 'nightly', limit: 9 });
      assert.deepEqual([tick?.state, tick?.endedAt, tick?.error], ['failed', from + 7, error]);
      assert.equal((await store.listSchedules({}))[0]?.openTick, null);
    },
  },
  {
    name: 'lists ticks newest first, and keeps as many as it is told',
    async run(world) {
      const { from, take, end } = await startSchedule(world);
      for (const at of [from + 10, from + 20, from + 30]) {
        await take(at, host, 2);
        await end(at);
      }
      const listed = async (limit: number) =>
        (await world.store.listTicks({ schedule: 'nightly', limit })).map(({ at }) => at - from);
      assert.deepEqual([await listed(9), await listed(1)], [[30, 20], [30]]);
      assert.deepEqual(await world.store.listTicks({ schedule: 'weekly', limit: 9 }), []);
    },
  },
  {
    name: 'deletes a schedule with its ticks, and no other',
    async run(world) {
      const { from, take, fence } = await startSchedule(world);
      const { store } = world;
      await store.saveSchedule(newSchedule({ name: 'daily' }));
      await take(from + 10);
      assert.deepEqual([await store.removeSchedule('nightly'), await store.removeSchedule('nightly')], [true, false]);
      assert.deepEqual(await store.listTicks({ schedule: 'nightly', limit: 9 }), []);
      assert.equal(await store.endTick({ ...fence(from + 10), state: 'done' }), false);
      assert.deepEqual(
        (await store.listSchedules({})).map(({ name }) => name),
        ['daily'],
      );
    },
  },
  {
    name: 'gives a tick to one of two stores on the same data',
    needs: 'shared',
    async run(world) {
      const { from, take, fence } = await startSchedule(world);
      const second = await world.second();
      const asked = await Promise.all([take(from + 10), second.takeTick({ ...fence(from + 10, otherHost), missed: 0, keep: 9 })]);
      assert.equal(asked.filter((tick) => tick).length, 1);
      assert.equal((await second.listSchedules({}))[0]?.openTick, from + 10);
    },
  },
  {
    name: 'keeps schedules and ticks after reopening',
    needs: 'durable',
    async run(world) {
      const { from, take } = await startSchedule(world);
      const tick = await take(from + 10);
      const schedules = await world.store.listSchedules({});
      const store = await world.reopen();
      assert.deepEqual(await store.listSchedules({}), schedules);
      assert.deepEqual(await store.listTicks({ schedule: 'nightly', limit: 9 }), [tick]);
    },
  },
];

const noInputs = { started: 0, resumed: 0, skipped: 0, queued: 0, failed: 0 };

function rest(createdAt: number, decidedUntil: number): { createdAt: number; decidedUntil: number; openTick: null } {
  return { createdAt, decidedUntil, openTick: null };
}
