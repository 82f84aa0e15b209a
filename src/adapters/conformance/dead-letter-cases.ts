import assert from 'node:assert/strict';
import type { LetterFilter, NewDeadLetter } from '../../model/store.ts';
import { failure, first, type Scene, startScene } from './scene.ts';
import type { StoreCase, StoreWorld } from './store-case.ts';

function letter(itemId: string, place: number, changes: Partial<NewDeadLetter> = {}): NewDeadLetter {
  return { itemId, place, items: 1, taskId: 'task', error: failure, attempts: 1, ...changes };
}

async function ids(world: StoreWorld, scene: Scene, filter: Partial<LetterFilter> = {}): Promise<readonly string[]> {
  const letters = await world.store.listDeadLetters({ sessionId: scene.id, after: 0, limit: 99, ...filter });
  return letters.map(({ number, place, itemId }) => `${number}/${place} ${itemId}`);
}

const otherError = { ...failure, message: 'bad line' };
const timeout = { ...failure, category: 'timeout' as const };

/** Three batches of ten: 0 lost a and b, 1 lost c to a timeout, 2 lost d to another message. */
async function withLetters(world: StoreWorld): Promise<Scene> {
  const scene = await startScene(world);
  await scene.enqueue(3, { items: 10 });
  const [a, b, c] = await scene.claim(3);
  if (a) await scene.settle(a, 'completed', { itemsCompleted: 8, deadLetters: [letter('b', 7), letter('a', 2)] });
  if (b) await scene.settle(b, 'completed', { itemsCompleted: 9, deadLetters: [letter('c', 4, { error: timeout })] });
  if (c) await scene.settle(c, 'completed', { itemsCompleted: 9, deadLetters: [letter('d', 0, { error: otherError })] });
  return scene;
}

/** What every store does with dead letters. */
export const deadLetterCases: readonly StoreCase[] = [
  {
    name: 'lists the dead letters of one batch, of one item, or of one group',
    async run(world) {
      const scene = await withLetters(world);
      assert.deepEqual(await ids(world, scene, { number: 0 }), ['0/2 a', '0/7 b']);
      assert.deepEqual(await ids(world, scene, { itemId: 'b' }), ['0/7 b']);
      assert.deepEqual(await ids(world, scene, { itemId: 'b', number: 1 }), []);
      const { message } = failure;
      assert.deepEqual(await ids(world, scene, { group: { message, category: 'error' } }), ['0/2 a', '0/7 b']);
      assert.deepEqual(await ids(world, scene, { group: { message, category: 'timeout' } }), ['1/4 c']);
      const page = await world.store.listDeadLetters({ sessionId: scene.id, number: 0, after: 1, limit: 1 });
      assert.deepEqual(
        page.map(({ itemId }) => itemId),
        ['b'],
      );
    },
  },
  {
    name: 'purges the dead letters of one group, of one item, of one batch, and the rest, and leaves the counts',
    async run(world) {
      const scene = await withLetters(world);
      const { counts } = await scene.session();
      const purge = async (filter: Partial<LetterFilter>) => world.store.purgeDeadLetters({ sessionId: scene.id, ...filter });
      assert.equal(await purge({ group: { message: failure.message, category: 'timeout' } }), 1);
      assert.deepEqual(await ids(world, scene), ['0/2 a', '0/7 b', '2/0 d']);
      assert.equal(await purge({ itemId: 'b' }), 1);
      assert.equal(await purge({ number: 2 }), 1);
      assert.deepEqual(await ids(world, scene), ['0/2 a']);
      assert.equal(await purge({}), 1);
      assert.equal(await purge({}), 0);
      assert.deepEqual([(await scene.session()).counts, await world.store.groupFailures(scene.id, 9)], [counts, []]);
      const nowhere = `${scene.id.slice(0, -1)}f` as typeof scene.id;
      assert.equal(await world.store.purgeDeadLetters({ sessionId: nowhere }), 0);
    },
  },
  {
    name: 'counts as cancelled nothing that was given up, not even when its letter was purged',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1, { items: 10 });
      const extras = { itemsCompleted: 4, deadLetters: [letter('a', 9)], remaining: [4, 5, 6, 7, 8], error: failure };
      await scene.settle(first(await scene.claim(1)), 'failed.waiting', extras);
      await world.store.purgeDeadLetters({ sessionId: scene.id });
      await scene.move('running.streaming', 'cancelled', { cancelOpen: true });
      assert.deepEqual((await scene.session()).counts.items, { total: 10, completed: 4, failed: 1, cancelled: 5 });
    },
  },
  {
    name: 'counts as cancelled nothing that the very write gives up',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1, { items: 3 });
      await scene.settle(first(await scene.claim(1)), 'cancelled', { deadLetters: [letter('a', 1)] });
      assert.deepEqual((await scene.session()).counts.items, { total: 3, completed: 0, failed: 1, cancelled: 2 });
    },
  },
  {
    name: 'leaves a letter that is there already as it is, and does not count it twice',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1, { items: 5 });
      await scene.settle(first(await scene.claim(1)), 'failed.waiting', { deadLetters: [letter('a', 3)], retryInMs: 0 });
      const again = [letter('again', 3, { error: otherError }), letter('b', 4), letter('b', 4)];
      await scene.settle(first(await scene.claim(1)), 'completed', { deadLetters: again, itemsCompleted: 3 });
      assert.deepEqual(await ids(world, scene), ['0/3 a', '0/4 b']);
      assert.equal((await scene.session()).counts.items.failed, 2);
    },
  },
  {
    name: 'keeps a letter under the batch whose core has the item, whoever writes it',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(3, { items: 5 });
      const [a, b] = await scene.claim([1, 2]);
      if (a) await scene.settle(a, 'completed', { itemsCompleted: 5, deadLetters: [letter('x', 4, { number: 0 })] });
      if (b) await scene.settle(b, 'completed', { itemsCompleted: 5, deadLetters: [letter('x', 4, { number: 0 })] });
      assert.deepEqual(await ids(world, scene), ['0/4 x']);
      await scene.move('running.streaming', 'cancelled', { cancelOpen: true });
      const { items } = (await scene.session()).counts;
      assert.deepEqual(items, { total: 15, completed: 10, failed: 1, cancelled: 4 });
    },
  },
  {
    name: 'keeps a letter of a batch that is yet to be cut, and counts its item there when it is',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1, { items: 5 });
      const deadLetters = [letter('ahead', 0, { number: 1 })];
      await scene.settle(first(await scene.claim(1)), 'completed', { itemsCompleted: 5, deadLetters });
      await scene.enqueue(2, { items: 5 });
      assert.deepEqual(await ids(world, scene), ['1/0 ahead']);
      await scene.write({ number: 1, from: 'pending', to: 'cancelled', attempt: 0 });
      await scene.write({ number: 2, from: 'pending', to: 'cancelled', attempt: 0 });
      const { items } = (await scene.session()).counts;
      assert.deepEqual(items, { total: 15, completed: 5, failed: 1, cancelled: 9 });
    },
  },
  {
    name: 'takes back the letters that a write names, and no others',
    async run(world) {
      const scene = await withLetters(world);
      const write = { number: 0, from: 'completed', to: 'pending', attempt: 0, itemsCompleted: -8, takeBack: [7, 5] } as const;
      assert.equal(await scene.write(write), true);
      assert.deepEqual(await ids(world, scene), ['0/2 a', '1/4 c', '2/0 d']);
      const { counts } = await scene.session();
      assert.deepEqual(counts.items, { total: 30, completed: 18, failed: 3, cancelled: 0 });
      await scene.write({ number: 0, from: 'pending', to: 'cancelled', attempt: 0 });
      assert.equal((await scene.session()).counts.items.cancelled, 9);
    },
  },
  {
    name: 'replaces a letter that the same write takes back',
    async run(world) {
      const scene = await withLetters(world);
      const replaced = { takeBack: [0], deadLetters: [letter('anew', 0)] };
      await scene.write({ number: 2, from: 'completed', to: 'pending', attempt: 0, ...replaced });
      assert.deepEqual(await ids(world, scene, { number: 2 }), ['2/0 anew']);
      assert.equal((await scene.session()).counts.items.failed, 4);
    },
  },
  {
    name: 'drops earlier outputs where a write says so, before it adds its own',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(2, { items: 2 });
      const output = { places: [0], data: '["old"]' };
      for (const batch of await scene.claim(2)) {
        await scene.settle(batch, 'failed.waiting', { output, remaining: [1], itemsCompleted: 1, retryInMs: 0, error: failure });
      }
      const [a, b] = await scene.claim(2);
      const anew = { places: null, data: '["new",1]' };
      if (a) await scene.settle(a, 'completed', { output: anew, dropOutputs: true, remaining: null, itemsCompleted: 1 });
      if (b) await scene.settle(b, 'pending', { dropOutputs: true, remaining: null, itemsCompleted: -1, attempt: 0 });
      const outputs = await world.store.listOutputs({ sessionId: scene.id, from: 0, to: 9, limit: 9 });
      assert.deepEqual(outputs, [{ number: 0, ...anew }]);
      assert.deepEqual([(await scene.batch(1)).completed, (await scene.session()).counts.items.completed], [0, 2]);
    },
  },
  {
    name: 'takes off what was counted with the outputs that a write drops',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(2);
      const output = { places: null, data: '["old"]' };
      for (const batch of await scene.claim(2)) await scene.settle(batch, 'completed', { output, counters: { seen: 3, odd: 1 } });
      await scene.write({ number: 0, from: 'completed', to: 'pending', attempt: 0, dropOutputs: true });
      assert.deepEqual((await scene.session()).counters, { seen: 3, odd: 1 });
      const [again] = await scene.claim([0]);
      if (again) await scene.settle(again, 'completed', { output, counters: { seen: 2 } });
      assert.deepEqual((await scene.session()).counters, { seen: 5, odd: 1 });
    },
  },
];
