import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import { byCount, byRange } from '../../src/model/chunkers.ts';
import { PermanentError } from '../../src/model/errors.ts';
import { defineJob } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { collect, openWorld, shared } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';

const test = suite('replay');

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Doubles numbers, but for those that are broken. What is done is noted. */
function doubling(broken: Set<number>, ran: number[] = []) {
  const work = defineWork({
    each: (item: number) => {
      ran.push(item);
      if (broken.has(item)) throw new PermanentError(item % 2 === 0 ? 'even' : 'odd');
      return [item * 2];
    },
  });
  return defineJob(work, {
    name: 'doubling',
    source: ({ count }: { count: number }) => upTo(count),
    chunk: byCount(4),
    combine: (left, right) => [...left, ...right],
    finalize: ({ combined, finalizeId, previous }) => ({ combined, finalizeId, before: previous ?? null }),
    itemId: (item) => `item-${item}`,
  });
}

/** Sums chunks; broken items refuse their chunk's work, and are looked at by neighbours. */
function summing(broken: Set<number>, ran: (readonly number[])[] = []) {
  const work = defineWork({
    chunk: ({
      items,
      overlap,
    }: {
      items: readonly number[];
      overlap: { before: readonly number[]; after: readonly number[] };
    }) => {
      ran.push(items);
      const seen = [...overlap.before, ...items, ...overlap.after];
      if (seen.some((item) => broken.has(item))) throw new PermanentError('broken');
      return [[items, seen]];
    },
  });
  return defineJob(work, {
    name: 'summing',
    source: ({ count }: { count: number }) => upTo(count),
    chunk: byRange<number>({ key: (item) => item, size: 5, overlap: 2 }),
    combine: (left, right) => [...left, ...right],
    itemId: (item) => `item-${item}`,
  });
}

async function rejectsWith(code: string, promise: Promise<unknown>): Promise<void> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.is((thrown as { code?: unknown } | undefined)?.code, code);
}

test('items that were given up run again after a fix, and nothing else does', async () => {
  const broken = new Set([1, 6, 7]);
  const ran: number[] = [];
  const job = doubling(broken, ran);
  const { engine } = await openWorld([job]);
  const first = await engine.start(job, { count: 12 });
  const before = await first.result();
  assert.is(before.finalizeId, `${first.id}.1`);
  broken.clear();
  ran.length = 0;
  const second = await first.replay();
  const after = await second.result();
  assert.equal(ran.sort(), [1, 6, 7]);
  assert.equal(
    after.combined,
    upTo(12).map((item) => item * 2),
  );
  assert.is(after.finalizeId, `${first.id}.2`);
  assert.equal(after.before, { finalizeId: before.finalizeId, result: before });
  const { counts, generation } = await second.state();
  assert.is(generation, 2);
  assert.equal(counts.items, { total: 12, completed: 12, failed: 0, cancelled: 0 });
  assert.equal(await collect(second.deadLetters()), []);
  await engine.close();
});

test('one item, or those of one failure, can be replayed alone', async () => {
  const broken = new Set([1, 6, 7]);
  const job = doubling(broken);
  const { engine } = await openWorld([job]);
  const first = await engine.start(job, { count: 8 });
  await first.outcome();
  broken.clear();
  const second = await first.replay({ itemId: 'item-1' });
  await second.outcome();
  assert.equal(
    (await collect(second.deadLetters())).map(({ itemId }) => itemId),
    ['item-6', 'item-7'],
  );
  const third = await second.replay({ group: { message: 'even', category: 'permanent' } });
  const result = await third.result();
  assert.equal(
    (await collect(third.deadLetters())).map(({ itemId }) => itemId),
    ['item-7'],
  );
  assert.equal(
    result.combined,
    upTo(7).map((item) => item * 2),
  );
  await engine.close();
});

test('what still fails is given up again, and the old result stands when the new one does not come', async () => {
  const broken = new Set([2]);
  const job = doubling(broken);
  const { engine } = await openWorld([job]);
  const first = await engine.start(job, { count: 4 });
  const result = await first.result();
  const second = await first.replay();
  assert.equal((await second.result()).combined, [0, 2, 6]);
  assert.equal(
    (await collect(second.deadLetters())).map(({ itemId }) => itemId),
    ['item-2'],
  );
  assert.is(result.finalizeId, `${first.id}.1`);
  await engine.close();
});

test('while a replay runs, readers see the result before', async () => {
  const broken = new Set([2]);
  let release: () => void = () => undefined;
  const work = defineWork({
    each: async (item: number) => {
      if (broken.has(item)) throw new PermanentError('broken');
      if (item === 2) await new Promise<void>((resolve) => (release = resolve));
      return [item];
    },
  });
  const job = defineJob(work, {
    name: 'slow',
    source: ({ count }: { count: number }) => upTo(count),
    chunk: byCount(2),
    combine: (left, right) => [...left, ...right],
    key: () => 'slow',
  });
  const { engine } = await openWorld([job]);
  const first = await engine.start(job, { count: 4 });
  assert.equal(await first.result(), [0, 1, 3]);
  broken.clear();
  const second = await first.replay();
  assert.equal(await second.latestResult(), [0, 1, 3]);
  assert.equal(await (await engine.find(job, { key: 'slow' }))?.latestResult(), [0, 1, 3]);
  while ((await second.state()).counts.batches.running === 0) await new Promise(setImmediate);
  release();
  assert.equal(await second.result(), [0, 1, 2, 3]);
  assert.equal(await second.latestResult(), [0, 1, 2, 3]);
  await engine.close();
});

test('a session that failed with everything given up completes by its replay', async () => {
  const broken = new Set(upTo(6));
  const job = doubling(broken);
  const { engine } = await openWorld([job]);
  const first = await engine.start(job, { count: 6 });
  assert.is((await first.outcome()).status, 'failed');
  broken.clear();
  const second = await first.replay();
  assert.equal(
    (await second.result()).combined,
    upTo(6).map((item) => item * 2),
  );
  await engine.close();
});

test('an item that neighbours look at: they run again with it, and the result is the full sequential one', async () => {
  const broken = new Set([11]);
  const ran: (readonly number[])[] = [];
  const job = summing(broken, ran);
  const { engine } = await openWorld([job]);
  const first = await engine.start(job, { count: 20 });
  const partial = await first.result();
  assert.equal(
    (await collect(first.deadLetters())).map(({ itemId }) => itemId),
    ['item-11'],
  );
  assert.equal(
    partial?.flatMap(([items]) => items),
    upTo(20).filter((item) => item !== 11),
  );
  assert.ok(partial?.every(([, seen]) => !seen?.includes(11)));
  broken.clear();
  ran.length = 0;
  const full = await (await first.replay()).result();
  assert.equal(
    ran.map((items) => items[0]).sort((a = 0, b = 0) => a - b),
    [5, 10],
    'the batches that see item 11, and no other',
  );
  const fresh = summing(new Set());
  const other = await openWorld([fresh]);
  assert.equal(full, await (await other.engine.start(fresh, { count: 20 })).result());
  await other.engine.close();
  await engine.close();
});

test('with nothing given up, a replay leaves the session as it is', async () => {
  const job = doubling(new Set());
  const { engine } = await openWorld([job]);
  const first = await engine.start(job, { count: 4 });
  await first.outcome();
  const same = await first.replay();
  assert.is((await same.state()).generation, 1);
  assert.is((await same.result()).finalizeId, `${first.id}.1`);
  await engine.close();
});

test('a live session, and a cancelled one, cannot be replayed', async () => {
  const job = doubling(new Set([1]));
  const { engine } = await openWorld([job]);
  const paused = await engine.start(job, { count: 4 });
  await paused.pause();
  await rejectsWith('NOT_REPLAYABLE', paused.replay());
  await paused.cancel();
  await paused.outcome();
  await rejectsWith('NOT_REPLAYABLE', paused.replay());
  await engine.close();
});

test('a session that failed before all of its input had run cannot be replayed', async () => {
  const broken = new Set([1]);
  const job = doubling(broken);
  const { engine } = await openWorld([job]);
  const first = await engine.start(job, { count: 400 }, { partial: 'forbid' });
  assert.is((await first.outcome()).status, 'failed');
  broken.clear();
  await rejectsWith('NOT_REPLAYABLE', first.replay());
  await engine.close();
});

test('dead letters of a live session cannot be purged', async () => {
  const job = doubling(new Set([1]));
  const { engine } = await openWorld([job]);
  const live = await engine.start(job, { count: 4 });
  await live.pause();
  await rejectsWith('SESSION_LIVE', live.purgeDeadLetters());
  await live.cancel();
  await engine.close();
});

test('dead letters that were purged stay counted, and are not replayed', async () => {
  const job = doubling(new Set([1, 2]));
  const { engine } = await openWorld([job]);
  const first = await engine.start(job, { count: 4 });
  await first.outcome();
  assert.is(await first.purgeDeadLetters({ itemId: 'item-1' }), 1);
  assert.is(await first.purgeDeadLetters(), 1);
  assert.equal(await collect(first.deadLetters()), []);
  assert.is((await first.state()).counts.items.failed, 2);
  assert.is((await (await first.replay()).state()).generation, 1);
  await engine.close();
});

test('a replay in another host finds the same letters, and is finalized there', async () => {
  const broken = new Set([3]);
  const job = doubling(broken);
  const store = memory();
  const here = await openWorld([job], { store: shared(store) });
  const first = await here.engine.start(job, { count: 6 });
  await first.outcome();
  await here.engine.close();
  broken.clear();
  const there = await openWorld([job], { store: shared(store) });
  const found = await there.engine.find(job, { id: first.id });
  const second = await found?.replay();
  assert.equal(
    (await second?.result())?.combined,
    upTo(6).map((item) => item * 2),
  );
  await there.engine.close();
});

test('of two replays at once, one is done, and the other is told that the session is live', async () => {
  const broken = new Set([1, 6]);
  const job = doubling(broken);
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, { count: 8 });
  await session.outcome();
  broken.clear();
  const first = session.replay({ itemId: 'item-1' });
  await rejectsWith('NOT_REPLAYABLE', session.replay({ itemId: 'item-6' }));
  const { combined } = (await (await first).result()) as { combined: readonly number[] };
  assert.equal(combined, [0, 2, 4, 6, 8, 10, 14]);
  await engine.close();
});

test.run();
