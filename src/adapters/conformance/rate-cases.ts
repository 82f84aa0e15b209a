import assert from 'node:assert/strict';
import type { OwnerId, Token } from '../../model/ids.ts';
import type { SessionAnswer } from '../../model/store.ts';
import { host, leaseMs, newBatch, otherHost, type Scene, sceneOf, startScene } from './scene.ts';
import type { StoreCase } from './store-case.ts';

const perMs = 60_000;

interface Wanted {
  readonly numbers: readonly number[];
  readonly limit?: number;
  readonly buckets?: readonly string[];
  readonly owner?: OwnerId;
  readonly name?: string;
}

/** Claims by number, under one name for all of them, or one for each. */
async function claim(scene: Scene, { numbers, limit = 3, buckets, owner, name = 't' }: Wanted): Promise<SessionAnswer> {
  const tokens = numbers.map((number) => `${scene.id.slice(-2)}${name}${number}` as Token);
  const rate = { limit, perMs, buckets: buckets ?? numbers.map(() => 'sum\n') };
  return scene.commit({ claim: { tokens, numbers, rate } }, owner);
}

const numbersOf = ({ claimed }: SessionAnswer): readonly number[] => claimed.map(({ number }) => number);

/** What every store does with claims that keep to a rate. */
export const rateCases: readonly StoreCase[] = [
  {
    name: 'claims what a rate lets through, leaves the rest as it is, and says until when',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(5);
      const at = world.clock.now();
      const answer = await claim(scene, { numbers: [0, 1, 2, 3, 4] });
      assert.deepEqual(numbersOf(answer), [0, 1, 2]);
      const [held, ...more] = answer.held ?? [];
      assert.deepEqual([held?.bucket, more], ['sum\n', []]);
      const until = held?.until ?? 0;
      assert.ok(until >= at + perMs && until <= at + perMs * 1.01 + 1, `held until ${until - at} ms later`);
      assert.deepEqual([answer.counts.batches.running, answer.counts.batches.pending, (await scene.batch(3)).attempt], [3, 2, 0]);
      world.clock.advance(until - at - 1);
      await world.store.registerOwner(host, leaseMs);
      assert.deepEqual(numbersOf(await claim(scene, { numbers: [3] })), []);
      world.clock.advance(1);
      const later = await claim(scene, { numbers: [3, 4] });
      assert.deepEqual([numbersOf(later), later.held], [[3, 4], undefined]);
    },
  },
  {
    name: 'lets no more through in any window, wherever it begins',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(40);
      const starts: number[] = [];
      for (let number = 0; number < 40 && starts.length < 12; world.clock.advance(7_919)) {
        await world.store.registerOwner(host, leaseMs);
        const { claimed } = await claim(scene, { numbers: [number], name: `${world.clock.now()}` });
        if (claimed.length === 0) continue;
        starts.push(world.clock.now());
        number++;
      }
      for (const from of starts) {
        const within = starts.filter((at) => at >= from && at < from + perMs);
        assert.ok(within.length <= 3, `${within.length} starts within a window`);
      }
      const span = (starts.at(-1) ?? 0) - (starts[0] ?? 0);
      assert.ok(span < 4 * 1.2 * perMs, `12 starts took ${span} ms`);
    },
  },
  {
    name: 'counts what is claimed under a name for all sessions and owners, and each name by itself',
    async run(world) {
      const [first, second] = [await startScene(world, 1), await startScene(world, 2, { job: 'other' })];
      await world.store.registerOwner(otherHost, leaseMs);
      await first.enqueue(4);
      await second.enqueue(4);
      assert.deepEqual(numbersOf(await claim(first, { numbers: [0, 1] })), [0, 1]);
      const answer = await claim(second, { numbers: [0, 1, 2, 3], buckets: ['sum\n', 'sum\n', 'a', 'a'], owner: otherHost });
      assert.deepEqual(numbersOf(answer), [0, 2, 3]);
      assert.deepEqual(
        answer.held?.map(({ bucket }) => bucket),
        ['sum\n'],
      );
      const free = await first.commit({ claim: { tokens: ['free' as Token], numbers: [2] } });
      assert.deepEqual(numbersOf(free), [2]);
    },
  },
  {
    name: 'counts claims that were done, not those that were asked for',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(9);
      await claim(scene, { numbers: [0], buckets: ['x'] });
      // One runs already, and one is not there.
      assert.deepEqual(numbersOf(await claim(scene, { numbers: [0, 77, 1], name: 'u' })), [1]);
      await world.store.requestSession(scene.id, { paused: true });
      assert.deepEqual(numbersOf(await claim(scene, { numbers: [2, 3, 4, 5] })), []);
      await world.store.requestSession(scene.id, { paused: false });
      assert.deepEqual(numbersOf(await claim(scene, { numbers: [2, 3, 4, 5] })), [2, 3]);
    },
  },
  {
    name: 'answers a claim that comes again as the first time, and counts it once, though the rate is used up',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(6);
      const wanted = { numbers: [0, 1, 2, 3] } as const;
      assert.deepEqual(numbersOf(await claim(scene, wanted)), [0, 1, 2]);
      assert.deepEqual(numbersOf(await claim(scene, wanted)), [0, 1, 2]);
      assert.deepEqual(numbersOf(await claim(scene, { numbers: [4, 5], limit: 5 })), [4, 5]);
    },
  },
  {
    name: 'keeps to a rate when it claims what the same write enqueues',
    async run(world) {
      const scene = await startScene(world);
      const batches = [0, 1, 2, 3].map((number) => newBatch(number));
      const tokens = batches.map(({ number }) => `n${number}` as Token);
      const answer = await scene.commit({
        enqueue: { batches, position: { chunks: 4, items: 4, ended: true } },
        claim: { tokens, numbers: [0, 1, 2, 3], rate: { limit: 2, perMs, buckets: ['a', 'b', 'a', 'a'] } },
      });
      assert.deepEqual([numbersOf(answer), answer.counts.batches.pending], [[0, 1, 2], 1]);
      assert.deepEqual(
        answer.held?.map(({ bucket }) => bucket),
        ['a'],
      );
    },
  },
  {
    name: 'counts a retry anew',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(2);
      const [batch] = (await claim(scene, { numbers: [0], limit: 2 })).claimed;
      if (batch) await scene.settle(batch, 'failed.waiting', { retryInMs: 0 });
      assert.deepEqual(numbersOf(await claim(scene, { numbers: [0], limit: 2, name: 'again' })), [0]);
      assert.deepEqual(numbersOf(await claim(scene, { numbers: [1], limit: 2 })), []);
      assert.equal((await scene.batch(0)).attempt, 2);
    },
  },
  {
    name: 'keeps what was counted after reopening',
    needs: 'durable',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(4);
      await claim(scene, { numbers: [0, 1] });
      await world.reopen();
      const again = sceneOf(world, scene.id);
      assert.deepEqual(numbersOf(await claim(again, { numbers: [2, 3] })), [2]);
    },
  },
];
