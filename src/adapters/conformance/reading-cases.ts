import assert from 'node:assert/strict';
import type { BatchRecord, OutputRecord } from '../../model/records.ts';
import type { NewDeadLetter } from '../../model/store.ts';
import { failure, first, host, leaseMs, type Scene, startScene } from './scene.ts';
import type { StoreCase } from './store-case.ts';

const numbersOf = (list: readonly { readonly number: number }[]): readonly number[] => list.map(({ number }) => number);

function letter(itemId: string, place: number, changes: Partial<NewDeadLetter> = {}): NewDeadLetter {
  return { itemId, place, items: 1, taskId: 'task', error: failure, attempts: 3, ...changes };
}

/** Two outputs for batch 0 (two attempts), one for 1, two for 2. */
async function withOutputs(scene: Scene): Promise<void> {
  await scene.enqueue(3, { items: 2 });
  for (const batch of await scene.claim(3)) {
    const output = { places: [1], data: `[${batch.number}1]` };
    if (batch.number === 1) await scene.settle(batch, 'completed', { output: { places: null, data: '[1]' } });
    else await scene.settle(batch, 'failed.waiting', { remaining: [0], error: failure, output });
  }
  for (const batch of await scene.claim([0, 2])) {
    await scene.settle(batch, 'completed', { output: { places: [0], data: `[${batch.number}0]` } });
  }
}

const dataOf = (outputs: readonly OutputRecord[]): readonly unknown[] => outputs.map(({ data }) => data);

/** What every store answers about batches, outputs, attempts and dead letters. */
export const readingCases: readonly StoreCase[] = [
  {
    name: 'lists batches by state, number and openness, in the order of their numbers',
    async run(world) {
      const scene = await startScene(world);
      for (const state of ['completed', 'failed.waiting', 'running', 'cancelled', 'pending'] as const) await scene.bring(state);
      const list = async (filter: object) =>
        numbersOf(await world.store.listBatches({ sessionId: scene.id, limit: 9, ...filter }));
      assert.deepEqual(await list({}), [0, 1, 2, 3, 4]);
      assert.deepEqual(await list({ open: true }), [1, 2, 4]);
      assert.deepEqual(await list({ states: ['cancelled', 'completed'] }), [0, 3]);
      assert.deepEqual(await list({ states: [] }), []);
      assert.deepEqual(await list({ numbers: [4, 0, 77, 4] }), [0, 4]);
      assert.deepEqual(await list({ from: 3 }), [3, 4]);
      assert.deepEqual(await list({ from: 1, limit: 2 }), [1, 2]);
      assert.deepEqual(await list({ open: true, from: 2, states: ['pending'] }), [4]);
    },
  },
  {
    name: 'lists waiting batches that are due, the earliest first',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(4);
      for (const [index, batch] of (await scene.claim(3)).entries()) {
        await scene.settle(batch, 'failed.waiting', { error: failure, retryInMs: [300, 100, 200][index] ?? 0 });
      }
      const due = async (inMs: number, limit = 9) =>
        numbersOf(await world.store.listBatches({ sessionId: scene.id, dueBy: world.clock.now() + inMs, limit }));
      assert.deepEqual([await due(99), await due(200), await due(300), await due(300, 1)], [[], [1, 2], [1, 2, 0], [1]]);
    },
  },
  {
    name: 'lists outputs by number, then attempt, with their places',
    async run(world) {
      const scene = await startScene(world);
      await withOutputs(scene);
      const outputs = await world.store.listOutputs({ sessionId: scene.id, from: 0, to: 9, limit: 99 });
      assert.deepEqual(numbersOf(outputs), [0, 0, 1, 2, 2]);
      assert.deepEqual(dataOf(outputs), ['[01]', '[00]', '[1]', '[21]', '[20]']);
      assert.deepEqual(
        outputs.map(({ places }) => places),
        [[1], [0], null, [1], [0]],
      );
    },
  },
  {
    name: 'never ends a page of outputs within a batch',
    async run(world) {
      const scene = await startScene(world);
      await withOutputs(scene);
      const page = async (from: number, limit: number, to = 9) =>
        numbersOf(await world.store.listOutputs({ sessionId: scene.id, from, to, limit }));
      assert.deepEqual(
        [await page(0, 1), await page(1, 1), await page(1, 2), await page(2, 1)],
        [[0, 0], [1], [1, 2, 2], [2, 2]],
      );
      assert.deepEqual([await page(0, 9, 0), await page(3, 9)], [[0, 0], []]);
    },
  },
  {
    name: 'keeps outputs of bytes and of text as they are',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(2);
      const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 251);
      const text = JSON.stringify('x\u0000\ud800'.repeat(1_000));
      const [a, b] = await scene.claim(2);
      if (a) await scene.settle(a, 'completed', { output: { places: null, data: bytes } });
      if (b) await scene.settle(b, 'completed', { output: { places: null, data: text } });
      const [first, second] = await world.store.listOutputs({ sessionId: scene.id, from: 0, to: 1, limit: 9 });
      assert.deepEqual(Buffer.compare(first?.data as Uint8Array, bytes), 0);
      assert.equal(second?.data, text);
    },
  },
  {
    name: 'lists every ended attempt: failed, released, crashed and completed',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      const outcomes = ['failed.waiting', 'pending', 'completed'] as const;
      const claims: BatchRecord[] = [];
      for (const outcome of outcomes) {
        const batch = first(await scene.claim(1));
        claims.push(batch);
        world.clock.advance(10);
        const error = outcome === 'failed.waiting' ? { error: failure } : {};
        await scene.settle(batch, outcome, { ...error, ms: 7.5, attempt: outcome === 'pending' ? 1 : batch.attempt });
      }
      const attempts = await world.store.listAttempts({ sessionId: scene.id, after: 0, limit: 9 });
      assert.deepEqual(
        attempts.map(({ outcome }) => outcome),
        outcomes,
      );
      assert.deepEqual(
        attempts.map(({ execution }) => execution),
        [1, 2, 3],
      );
      assert.deepEqual(
        attempts.map(({ token }) => token),
        claims.map(({ token }) => token),
      );
      assert.deepEqual(
        attempts.map(({ owner, ms }) => [owner, ms]),
        Array(3).fill([host, 7.5]),
      );
      assert.deepEqual(
        attempts.map(({ category, error }) => [category, error]),
        [
          ['error', failure],
          [null, null],
          [null, null],
        ],
      );
      assert.deepEqual(
        attempts.map(({ claimedAt, endedAt }) => endedAt - claimedAt),
        [10, 10, 10],
      );
    },
  },
  {
    name: 'lists attempts of one batch, page by page',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(2);
      for (let round = 0; round < 3; round++) {
        for (const batch of await scene.claim([0, 1])) await scene.settle(batch, 'pending', { attempt: 0 });
        world.clock.advance(1);
      }
      const list = async (filter: object) => world.store.listAttempts({ sessionId: scene.id, after: 0, limit: 9, ...filter });
      assert.deepEqual(numbersOf(await list({})), [0, 1, 0, 1, 0, 1]);
      assert.deepEqual(
        (await list({ number: 1 })).map(({ execution }) => execution),
        [1, 2, 3],
      );
      assert.deepEqual(
        (await list({ number: 1, after: 1, limit: 1 })).map(({ execution }) => execution),
        [2],
      );
    },
  },
  {
    name: 'keeps the attempts that a rescue and a cancel ended',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1);
      await scene.claim(1);
      world.clock.advance(leaseMs);
      await world.store.rescue(9);
      await world.store.registerOwner(host, leaseMs);
      await scene.write({ number: 0, from: 'crashed.deciding', to: 'pending', attempt: 0 });
      await scene.claim(1);
      await scene.move('running.streaming', 'cancelled', { cancelOpen: true });
      const attempts = await world.store.listAttempts({ sessionId: scene.id, after: 0, limit: 9 });
      assert.deepEqual(
        attempts.map(({ outcome, category }) => [outcome, category]),
        [
          ['crashed.deciding', 'host-death'],
          ['cancelled', null],
        ],
      );
    },
  },
  {
    name: 'lists dead letters by batch, then place, page by page',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(2, { items: 5 });
      for (const batch of [...(await scene.claim(2))].reverse()) {
        const deadLetters = [letter(`${batch.number}-4`, 4), letter(`${batch.number}-1`, 1, { items: 2 })];
        await scene.settle(batch, 'completed', { deadLetters, itemsCompleted: 2 });
      }
      const page = async (after: number, limit: number) => world.store.listDeadLetters({ sessionId: scene.id, after, limit });
      assert.deepEqual(
        (await page(0, 9)).map(({ itemId }) => itemId),
        ['0-1', '0-4', '1-1', '1-4'],
      );
      assert.deepEqual(
        (await page(1, 2)).map(({ itemId }) => itemId),
        ['0-4', '1-1'],
      );
      const whole = {
        sessionId: scene.id,
        itemId: '0-1',
        taskId: 'task',
        number: 0,
        place: 1,
        items: 2,
        error: failure,
        attempts: 3,
      };
      assert.deepEqual(first(await page(0, 1)), { ...whole, at: world.clock.now() });
    },
  },
  {
    name: 'groups failures by message and category, the largest first, with a few examples',
    async run(world) {
      const scene = await startScene(world);
      await scene.enqueue(1, { items: 20 });
      const timeout = { ...failure, category: 'timeout' as const };
      const deadLetters = [
        ...Array.from({ length: 7 }, (_, place) => letter(`a${place}`, place)),
        letter('range', 7, { items: 9, error: { ...failure, message: 'out of memory' } }),
        letter('late', 16, { error: timeout }),
      ];
      await scene.settle(first(await scene.claim(1)), 'failed.dead', { deadLetters, error: failure });
      const groups = await world.store.groupFailures(scene.id, 9);
      assert.deepEqual(groups, [
        { message: 'out of memory', category: 'error', items: 9, examples: ['range'] },
        { message: 'no luck', category: 'error', items: 7, examples: ['a0', 'a1', 'a2', 'a3', 'a4'] },
        { message: 'no luck', category: 'timeout', items: 1, examples: ['late'] },
      ]);
      assert.equal((await world.store.groupFailures(scene.id, 1)).length, 1);
    },
  },
  {
    name: 'keeps odd texts of task ids, item ids and messages as they are',
    async run(world) {
      const scene = await startScene(world);
      for (const odd of ['a\u0000b', '\ud800', '\u0001"', "'; drop table batches", '\u{1F600}']) {
        const { counts } = await scene.enqueue(1, { taskId: odd, lastItem: odd });
        const batch = first(await scene.claim([counts.batches.total - 1]));
        assert.deepEqual([batch.taskId, batch.lastItem], [odd, odd]);
        const error = { ...failure, message: odd };
        await scene.settle(batch, 'failed.dead', { error, deadLetters: [letter(odd, 0, { taskId: odd, error })] });
        const letters = await world.store.listDeadLetters({ sessionId: scene.id, after: batch.number, limit: 1 });
        assert.deepEqual(
          letters.map(({ itemId, taskId, error: { message } }) => [itemId, taskId, message]),
          [[odd, odd, odd]],
        );
        const groups = await world.store.groupFailures(scene.id, 99);
        assert.deepEqual(
          groups.filter(({ message }) => message === odd).map(({ examples }) => examples),
          [[odd]],
        );
        assert.deepEqual(await scene.batch(batch.number).then(({ taskId, error: kept }) => [taskId, kept]), [odd, error]);
      }
    },
  },
  {
    name: 'answers empty lists for a session that is not there',
    async run(world) {
      const scene = await startScene(world);
      const sessionId = `${scene.id.slice(0, -1)}f` as typeof scene.id;
      assert.deepEqual(await world.store.listBatches({ sessionId, limit: 9 }), []);
      assert.deepEqual(await world.store.listOutputs({ sessionId, from: 0, to: 9, limit: 9 }), []);
      assert.deepEqual(await world.store.listAttempts({ sessionId, after: 0, limit: 9 }), []);
      assert.deepEqual(await world.store.listDeadLetters({ sessionId, after: 0, limit: 9 }), []);
      assert.deepEqual(await world.store.groupFailures(sessionId, 9), []);
    },
  },
];
