import * as assert from 'uvu/assert';
import { memory } from '../../../../src/adapters/stores/memory.ts';
import { copyUnits } from '../../../../src/adapters/stores/shadow/copy-units.ts';
import { createMarks } from '../../../../src/adapters/stores/shadow/marks.ts';
import { isSame } from '../../../../src/adapters/stores/shadow/same.ts';
import { shadow } from '../../../../src/adapters/stores/shadow.ts';
import { manualClock } from '../../../../src/conformance.ts';
import type { OwnerId, SessionId, Token } from '../../../../src/model/ids.ts';
import { batchKey, type Replica } from '../../../../src/model/replica.ts';
import type { Store } from '../../../../src/model/store.ts';
import { suite } from '../../../support/suite.ts';
import { passing, settle } from './pairs.ts';
import { playScript } from './script.ts';

const test = suite('copying in a pair');
const host = 'host-1' as OwnerId;
const other = 'host-2' as OwnerId;
const id = '00000000-0000-4000-8000-000000000001' as SessionId;
const token = 'claim-1' as Token;

/** A running session with one batch, claimed by the host. */
async function claimOne(store: Store): Promise<void> {
  await store.registerOwner(host, 60_000);
  const named = {
    id,
    job: 'sum',
    version: '1',
    key: 'all',
    priority: 0,
    coordinator: host,
    fingerprint: 'f',
    chunking: 'count:1',
  };
  await store.createSession({ ...named, input: '{}', settings: null, policies: '{}', metadata: null, keepMs: null });
  await store.moveSession({ id, epoch: 1, from: 'pending', to: 'running.streaming' });
  const cut = {
    number: 0,
    first: 0,
    items: 1,
    before: 0,
    after: 0,
    range: null,
    hash: null,
    taskId: null,
    slice: null,
    lastItem: null,
  };
  const enqueue = { batches: [cut], position: { chunks: 1, items: 1, ended: true } };
  await store.commit({ owner: host, sessions: [{ sessionId: id, epoch: 1, enqueue, claim: { tokens: [token], numbers: [0] } }] });
}

async function settleOne(store: Store): Promise<boolean> {
  const write = { number: 0, from: 'running', to: 'completed', token, attempt: 1, itemsCompleted: 1 } as const;
  const { sessions } = await store.commit({ owner: host, sessions: [{ sessionId: id, epoch: 1, writes: [write] }] });
  return sessions[0]?.written[0] ?? false;
}

test('a host that was overtaken between its read and its write puts no older row over a newer one', async () => {
  const clock = manualClock();
  const [first, second] = [memory({ clock }), memory({ clock })];
  const [from, to] = [first.replica as Replica, second.replica as Replica];
  await claimOne(first);
  const keys = [
    { kind: 'sessions', key: id },
    { kind: 'batches', key: batchKey(id, 0) },
  ] as const;
  let isOvertaken = false;
  const slow: Replica = {
    ...to,
    async write(reading) {
      if (!isOvertaken) {
        // Another host settles the batch, and copies it, while this one holds what it has read.
        isOvertaken = true;
        await settleOne(first);
        await copyUnits({ from, to, isShared: true }, keys);
      }
      await to.write(reading);
    },
  };
  const left = await copyUnits({ from, to: slow, isShared: true }, keys);
  assert.equal(left, []);
  const [now, copied] = [await from.read(keys, 1_000), await to.read(keys, 1_000)];
  assert.ok(isSame(now.units, copied.units), JSON.stringify(copied.units));
});

test('a claim that was made in the old store is settled in the new one, and a dead host is taken over from there', async () => {
  const clock = manualClock();
  const store = shadow(memory({ clock }), memory({ clock }), { clock });
  await store.open();
  await claimOne(store);
  await settle(store, clock);
  clock.advance(60_000);
  assert.is((await store.promote()).decides, 'new');
  assert.is(await settleOne(store), true, 'the claim is the same');
  assert.is(await settleOne(store), true, 'and so is the answer to its repetition');

  await store.registerOwner(other, 60_000);
  const adopted = await store.adoptSession(id, other);
  assert.equal([adopted?.coordinator, adopted?.epoch, adopted?.takeovers], [other, 2, 1]);
});

test('what has no room in the queue is compared, and nothing is forgotten', async () => {
  const clock = manualClock();
  const store = shadow(memory({ clock }), memory({ clock }), { clock, queue: 1_000 });
  await store.open();
  // Nothing is copied in between: the clock stands still.
  await playScript(store, { transitions: 6_000 });
  const { pending } = await store.status();
  assert.ok(pending <= 1_000, `${pending} rows and parts`);
  await settle(store, clock);
  assert.equal((await store.compare()).differences, []);
});

test('marks become their session, and sessions become everything', () => {
  const marks = createMarks(100);
  for (let number = 0; number < 90; number++) marks.batch(id, number);
  assert.is(marks.count(), 90);
  for (let number = 90; number <= 100; number++) marks.batch(id, number);
  assert.equal(marks.take(9), [{ kind: 'sessions', key: id }]);
  assert.equal(marks.takeScope(), { kind: 'batches', session: id });
  assert.is(marks.count(), 0);
  for (let one = 0; one <= 100; one++) marks.unit('sessions', String(one));
  assert.equal([marks.count(), marks.takeSearch()?.type], [1, 'everything']);
});

test('a call that failed is taken for one that may have been done', async () => {
  const clock = manualClock();
  const primary = memory({ clock });
  let isLost = false;
  const lossy: Store = {
    ...primary,
    async commit(commit) {
      const answer = await primary.commit(commit);
      if (isLost) throw new Error('the answer is lost');
      return answer;
    },
  };
  const store = shadow(lossy, memory({ clock }), { clock });
  await store.open();
  await claimOne(store);
  await settle(store, clock);
  isLost = true;
  await settleOne(store).catch(() => undefined);
  await store.commit({ owner: host, sessions: [{ sessionId: id, epoch: 1, claim: { tokens: [token] } }] }).catch(() => undefined);
  await settle(store, clock);
  assert.equal((await store.compare()).differences, []);
});

test('a copy that can not be opened harms nobody, and is filled when it can', async () => {
  const clock = manualClock();
  const [primary, secondary] = [memory({ clock }), memory({ clock })];
  const first = shadow(primary, secondary, { clock });
  await first.open();
  let isThere = false;
  const away: Store = {
    ...secondary,
    async open() {
      if (!isThere) throw new Error('it is not there');
    },
  };
  const store = shadow({ ...primary, open: async () => undefined }, away, { clock });
  await store.open();
  await playScript(store, { transitions: 60 });
  clock.advance(100);
  await new Promise(setImmediate);
  assert.is((await store.status()).trouble, 'it is not there');
  isThere = true;
  await settle(store, clock);
  assert.equal((await store.compare()).differences, []);
});

test('a row that can not be copied keeps no others back', async () => {
  const clock = manualClock();
  const [primary, secondary] = [memory({ clock }), memory({ clock })];
  const inner = secondary.replica as Replica;
  const isBad = (key: string): boolean => key.endsWith('#7');
  const picky: Replica = {
    ...inner,
    async write(reading) {
      if (reading.units.some(({ key, copy }) => isBad(key) && copy)) throw new Error('not this one');
      await inner.write(reading);
    },
  };
  const store = shadow(primary, { ...secondary, replica: picky }, { clock });
  await store.open();
  await playScript(store, { transitions: 600 });
  for (let turns = 0; turns < 3_000; turns++) {
    clock.advance(1_000);
    await new Promise(setImmediate);
  }
  const { differences } = await store.compare({ limit: 1_000 });
  assert.ok(differences.length > 0);
  // Its session is copied with it, so that may be of an older moment.
  assert.equal(
    differences.filter(({ table, key }) => table !== 'sessions' && !/#7(?:\/|$)/.test(key)),
    [],
  );
  assert.is((await store.status()).trouble, 'not this one');
});

test('a close waits for what is still to be copied', async () => {
  const clock = manualClock();
  const [primary, secondary] = [memory({ clock }), memory({ clock })];
  const keep = { close: async () => undefined };
  const store = shadow({ ...primary, ...keep }, { ...secondary, ...keep }, { clock });
  await store.open();
  await playScript(store, { transitions: 60 });
  assert.ok((await store.status()).pending > 0);
  await passing(clock, store.close());
  const again = shadow({ ...primary, ...keep }, { ...secondary, ...keep }, { clock });
  await again.open();
  assert.equal((await again.compare()).differences, []);
});

test.run();
