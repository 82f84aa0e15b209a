import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { memory } from '../../../../src/adapters/stores/memory.ts';
import { allScopes, walkScope } from '../../../../src/adapters/stores/shadow/walk.ts';
import { type ShadowStore, shadow } from '../../../../src/adapters/stores/shadow.ts';
import { sqlite } from '../../../../src/adapters/stores/sqlite.ts';
import { type ManualClock, manualClock } from '../../../../src/conformance.ts';
import { MillraceError, ShadowRefusedError } from '../../../../src/model/errors.ts';
import type { OwnerId } from '../../../../src/model/ids.ts';
import { copyKinds, type Replica, type ShadowStage } from '../../../../src/model/replica.ts';
import type { Store } from '../../../../src/model/store.ts';
import { suite } from '../../../support/suite.ts';
import { flaky } from './flaky.ts';
import { passing, settle } from './pairs.ts';
import { playScript } from './script.ts';

const test = suite('stages of a pair');

interface World {
  readonly clock: ManualClock;
  readonly primary: Store;
  readonly secondary: Store;
  readonly store: ShadowStore;
}

/** A pair in memory, in the stage `shadow`, with something in it. */
async function startPair(
  options: { transitions?: number; copy?: (store: Store, clock: ManualClock) => Store } = {},
): Promise<World> {
  const { transitions = 300, copy = (store) => store } = options;
  const clock = manualClock();
  const [primary, secondary] = [memory({ clock }), copy(memory({ clock }), clock)];
  const store = shadow(primary, secondary, { clock });
  await passing(clock, store.open());
  await playScript(store, { transitions });
  return { clock, primary, secondary, store };
}

/** All that a store holds, as text. */
async function dump(store: Store): Promise<string> {
  const from = store.replica as Replica;
  const way = { from, to: memory().replica as Replica, isShared: false };
  const lines: string[] = [];
  for await (const scope of allScopes(way, copyKinds)) {
    const walk = walkScope(way, scope);
    for (let pairs = await walk.next(); pairs; pairs = await walk.next()) {
      for (const { from: unit } of pairs)
        lines.push(JSON.stringify(unit, (_, value) => (value instanceof Uint8Array ? [...value] : value)));
    }
  }
  return lines.join('\n');
}

async function refusal(change: Promise<unknown>): Promise<string> {
  try {
    await change;
  } catch (error) {
    if (error instanceof ShadowRefusedError) return error.reason;
    throw error;
  }
  return 'not refused';
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof MillraceError) return error.code;
    throw error;
  }
  return 'not refused';
}

test('go up one by one and down again, and the store that decides holds all of it in each', async () => {
  const { clock, primary, secondary, store } = await startPair();
  await settle(store, clock);
  const walked: ShadowStage[] = [(await store.status()).stage];
  let seed = 10;
  const step = async (direction: 'promote' | 'demote', isWhole: boolean): Promise<void> => {
    const before = await store.status();
    const held = await dump(before.decides === 'old' ? primary : secondary);
    const after = await store[direction]();
    walked.push(after.stage);
    assert.equal(
      await dump(after.decides === 'old' ? primary : secondary),
      held,
      `${direction} to ${after.stage} changes nothing`,
    );
    // Hosts work in every stage, and what they write is there in the next one.
    await playScript(store, { transitions: 60, seed: seed++ });
    await settle(store, clock);
    if (isWhole) assert.is((await store.compare()).ratio, 1);
  };
  await step('promote', true);
  await step('promote', false);
  await step('demote', false);
  assert.ok((await store.compare()).ratio < 1, 'what was written while the new store was alone is only there');
  await store.repair();
  await step('demote', true);
  await step('demote', false);
  await step('promote', false);
  await store.repair();
  assert.is((await store.compare()).ratio, 1);
  assert.equal(walked, ['shadow', 'primary', 'only', 'primary', 'shadow', 'off', 'shadow']);
  assert.is(await refusal(store.demote().then(() => store.demote())), 'stage');
});

test('a promotion is refused while much differs, and mends the little that may', async () => {
  const { clock, primary, secondary, store } = await startPair();
  await settle(store, clock);
  // Whoever was killed between the two writes has left rows in the one that are not in the other.
  await playScript(primary, { transitions: 40, seed: 5 });
  const { ratio } = await store.compare();
  assert.ok(ratio < 0.999 && ratio > 0.5, `ratio ${ratio}`);
  assert.is(await refusal(store.promote()), 'ratio');
  assert.equal((await store.status()).stage, 'shadow');
  assert.is(await codeOf(primary.registerOwner('host-9' as OwnerId, 1_000)), 'not refused', 'hosts are let in again');
  await primary.removeOwner('host-9' as OwnerId);

  const held = await dump(primary);
  await store.promote({ threshold: ratio });
  assert.equal(await dump(secondary), held);
});

test('a promotion is refused while rows wait to be copied', async () => {
  const { clock, store } = await startPair({ copy: (store, clock) => flaky(store, { clock, takesMs: 50, failsIn10: 0 }) });
  assert.ok((await store.status()).pending > 0);
  assert.is(await refusal(store.promote()), 'queue');
  await settle(store, clock);
  assert.is((await passing(clock, store.promote())).stage, 'primary');
});

test('a stage is not changed while a host is at work, and nobody is let in while it is', async () => {
  const { clock, primary, secondary, store } = await startPair();
  await settle(store, clock);
  await store.registerOwner('host-2' as OwnerId, 1_000);
  await settle(store, clock);
  assert.is(await refusal(store.promote()), 'hosts');
  // Its lease runs out: it is dead.
  clock.advance(1_000);

  // A change that is interrupted after its first mark.
  const replica = primary.replica as Replica;
  const record = await replica.stage();
  assert.ok(record);
  if (!record) return;
  await replica.setStage({ ...record, epoch: record.epoch + 1, moving: 'primary' }, record.epoch);
  assert.is(await codeOf(store.registerOwner('host-3' as OwnerId, 1_000)), 'SHADOW_STAGE');
  assert.equal((await store.status()).moving, 'primary');

  // Made again, it goes on.
  await settle(store, clock);
  assert.is((await store.promote()).stage, 'primary');
  assert.is(await codeOf(store.registerOwner('host-3' as OwnerId, 1_000)), 'not refused');
  assert.is(await codeOf(primary.registerOwner('host-4' as OwnerId, 1_000)), 'SHADOW_STAGE', 'the old store is a copy');
  assert.is(await codeOf(primary.prune({ endedBefore: clock.now(), limit: 9 })), 'SHADOW_STAGE');
  assert.equal((await (secondary.replica as Replica).stage())?.side, 'new');
});

test('a host that knows an older stage can neither come in nor change it', async () => {
  const { clock, primary, secondary, store } = await startPair();
  await settle(store, clock);
  const other = shadow({ ...primary, open: async () => undefined }, { ...secondary, open: async () => undefined }, { clock });
  await other.open();
  await store.promote();
  assert.is(await codeOf(other.registerOwner('host-2' as OwnerId, 1_000)), 'SHADOW_STAGE');
  assert.is((await other.status()).stage, 'primary', 'asked anew');
});

test('an archive keeps its history, and the pair goes on without it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-shadow-'));
  try {
    const clock = manualClock();
    const [old, other] = [join(folder, 'old.db'), join(folder, 'new.db')];
    const open = async (): Promise<ShadowStore> => {
      const store = shadow(sqlite(old, { clock }), sqlite(other, { clock }), { clock });
      await store.open();
      return store;
    };
    let store = await open();
    await playScript(store, { transitions: 60 });
    await settle(store, clock);
    await store.promote();
    await store.promote();
    const sessions = (await store.listSessions({ limit: 100 })).map(({ id }) => id);
    await store.close();

    const archive = sqlite(old, { clock });
    await archive.open();
    assert.equal(
      (await archive.listSessions({ limit: 100 })).map(({ id }) => id),
      sessions,
    );
    assert.is(await codeOf(archive.registerOwner('host-2' as OwnerId, 1_000)), 'SHADOW_STAGE');
    await archive.close();

    await rm(old);
    store = await open();
    assert.equal(
      (await store.listSessions({ limit: 100 })).map(({ id }) => id),
      sessions,
    );
    assert.is((await store.status()).stage, 'only');
    await store.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('two stores that hold sessions of their own are no pair, nor are parts of two pairs', async () => {
  const { clock, primary, store } = await startPair();
  await settle(store, clock);
  const filled = memory({ clock });
  await playScript(filled, { transitions: 10 });
  assert.is(await codeOf(shadow(memory({ clock }), filled, { clock }).open()), 'SHADOW_PAIR');
  const stranger = await startPair();
  await stranger.store.promote().catch(() => undefined);
  // Where the old store decides, the other one is looked at when something is to be copied.
  const mixed = shadow({ ...primary, open: async () => undefined }, stranger.secondary, { clock });
  await mixed.open();
  assert.is(await codeOf(mixed.repair()), 'SHADOW_PAIR');
});

test.run();
