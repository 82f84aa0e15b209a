import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { failure, host, newBatch, otherHost, type Scene, sceneOf, startScene } from '../../src/adapters/conformance/scene.ts';
import { runStoreCase, type StoreSite, type StoreWorld } from '../../src/adapters/conformance/store-case.ts';
import type { Category } from '../../src/model/errors.ts';
import { batchMoves } from '../../src/model/moves.ts';
import type { NormalFailures, Within } from '../../src/model/questions.ts';
import type { BatchRecord } from '../../src/model/records.ts';
import type { BatchWrite } from '../../src/model/store.ts';
import { memorySite, sqliteSite } from '../adapters/stores/store-sites.ts';
import { readEverything, recount, recountFailures } from '../support/recount-questions.ts';
import { suite } from '../support/suite.ts';

const test = suite('every question equals a recount over all rows');

const leaseMs = 500;

/** One step of a history. Numbers choose among what is there. */
type Step =
  | { readonly type: 'enqueue'; readonly session: number; readonly tasks: readonly (string | null)[]; readonly items: number }
  | { readonly type: 'claim'; readonly session: number; readonly count: number; readonly other: boolean }
  | {
      readonly type: 'write';
      readonly session: number;
      readonly which: number;
      readonly how: number;
      readonly message: string;
      readonly ms: number;
    }
  | { readonly type: 'run'; readonly session: number; readonly how: number; readonly message: string; readonly ms: number }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'renew'; readonly other: boolean }
  | { readonly type: 'rescue' }
  | { readonly type: 'end' | 'prune'; readonly session: number; readonly cancelOpen: boolean };

const session = fc.nat(2);
const messages = fc.constantFrom(
  'row 1 is bad',
  'row 22 is bad',
  'no "\u0000\ud83d" luck',
  'ENOENT: open /tmp/a1',
  'ENOENT: open /var/b',
);

const stepOf: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('enqueue' as const),
      session,
      tasks: fc.array(fc.constantFrom('a', 'b', null), { minLength: 1, maxLength: 4 }),
      items: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('claim' as const),
      session,
      count: fc.integer({ min: 1, max: 4 }),
      other: fc.boolean(),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constant('write' as const),
      session,
      which: fc.nat(50),
      how: fc.nat(50),
      message: messages,
      ms: fc.integer({ min: 0, max: 5 }),
    }),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      type: fc.constant('run' as const),
      session,
      how: fc.nat(50),
      message: messages,
      ms: fc.integer({ min: 0, max: 5 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(1, 5, 5, 10, 10, leaseMs) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('renew' as const), other: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ type: 'rescue' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constantFrom('end' as const, 'prune' as const), session, cancelOpen: fc.boolean() }),
  },
);

/** Carries out a history. Steps that are not legal where they come are refused by the store, and change nothing. */
async function follow(world: StoreWorld, steps: readonly Step[]): Promise<void> {
  const scenes: readonly Scene[] = [
    await startScene(world, 1),
    await startScene(world, 2, { key: 'a#1:b' }),
    await startScene(world, 3, { job: 'other' }),
  ];
  for (const owner of [host, otherHost]) await world.store.registerOwner(owner, leaseMs);
  const again = scenes.map(({ id }) => sceneOf(world, id));
  for (const step of steps) await take(world, scenes, again, step);
}

async function take(world: StoreWorld, scenes: readonly Scene[], again: readonly Scene[], step: Step): Promise<void> {
  const { store, clock } = world;
  if (step.type === 'wait') return clock.advance(step.ms);
  if (step.type === 'renew') return void (await store.registerOwner(step.other ? otherHost : host, leaseMs));
  if (step.type === 'rescue') return void (await store.rescue(9));
  const scene = scenes[step.session] as Scene;
  const record = await store.getSession(scene.id);
  if (!record) return;
  switch (step.type) {
    case 'enqueue': {
      const { chunks, items } = record.position;
      const batches = step.tasks.map((taskId, index) => newBatch(chunks + index, { taskId, items: step.items }));
      const position = { chunks: chunks + batches.length, items: items + batches.length * step.items, ended: false };
      return void (await scene.commit({
        enqueue: { batches, position, dedupe: { windowMs: 20, states: ['pending', 'running'] } },
      }));
    }
    case 'claim':
      return void (await (again[step.session] as Scene).claim(step.count, step.other ? otherHost : host));
    case 'write':
      return writeOne(world, scene, step);
    case 'run': {
      const [batch] = await (again[step.session] as Scene).claim(1);
      return batch && writeOne(world, scene, { ...step, type: 'write', which: batch.number });
    }
    case 'end':
      return void (await scene.move('running.streaming', 'failed', { cancelOpen: step.cancelOpen }));
    case 'prune':
      return void (await store.prune({ endedBefore: clock.now() + 1, limit: 1, id: scene.id }));
    default:
      return step satisfies never;
  }
}

const categories: readonly Category[] = ['error', 'oom'];

async function writeOne(world: StoreWorld, scene: Scene, { which, how, message, ms }: Step & { type: 'write' }): Promise<void> {
  const rows = await world.store.listBatches({ sessionId: scene.id, limit: 1_000 });
  const row = rows[which % Math.max(1, rows.length)];
  if (!row) return;
  const targets = [...new Set(batchMoves.filter(({ from, to }) => from === row.state && to !== 'running').map(({ to }) => to))];
  const to = targets[how % Math.max(1, targets.length)];
  if (to) await scene.write({ ...writeTo(row, to, message, how), ms: row.state === 'running' ? ms : 0 });
}

function writeTo(row: BatchRecord, to: BatchWrite['to'], message: string, how: number): BatchWrite {
  const error = { ...failure, message, category: categories[how % 2] as Category };
  const letter = { itemId: `i${how}`, place: how % 3, items: 1 + (how % 2), taskId: 't', error, attempts: 1 };
  const isBad = to.startsWith('failed.') || to.startsWith('crashed.');
  return {
    number: row.number,
    from: row.state,
    to,
    attempt: row.attempt,
    ...(row.token && { token: row.token }),
    ...(isBad && how % 5 > 0 && { error }),
    ...(to.endsWith('.dead') && { deadLetters: [letter] }),
    ...(to === 'completed' && { itemsCompleted: row.items }),
    ...(to === 'pending' && row.state.endsWith('.dead') && { takeBack: [how % 3] }),
    retryInMs: 5,
  };
}

const limit = 1_000;

async function compare({ store, clock }: StoreWorld): Promise<void> {
  const everything = await readEverything(store);
  const count = recount(everything);
  const now = clock.now();
  const alive = new Set<string>();
  for (const owner of [host, otherHost]) if (await store.renewOwner(owner, leaseMs)) alive.add(owner);
  const ends = [...new Set(everything.rows.flatMap(({ batch }) => batch.endedAt ?? []))].sort();
  const moments = [0, now - 60, ...ends.slice(-2), now, now + 1];
  const places: Within[] = [...everything.sessions.map(({ id }) => ({ sessionId: id })), ...moments.map((since) => ({ since }))];
  for (const within of places) {
    assert.equal(await store.query('crashed', { ...within, limit }), count.crashed(within));
    assert.equal(await store.query('slowest', { ...within, limit }), count.slowest(within));
    assert.equal(await store.query('slowest', { ...within, limit: 2 }), count.slowest(within).slice(0, 2));
    const groups = await store.query('failures', { ...within, limit });
    const expected = await recountFailures(store, everything, within);
    assert.equal(groups.map(withoutExamples), expected);
    assert.ok(groups.every(({ examples, letters }) => examples.length === Math.min(5, letters)));
    assert.equal(await store.query('categories', within), byCategory(expected as Omit<NormalFailures, 'examples'>[]));
  }
  for (const since of moments) {
    assert.equal(await store.query('times', { since }), count.times(since));
    assert.equal(await store.query('attempts', { since }), count.attempts(since));
    assert.equal(await store.query('repeated', { since, limit }), count.repeated(since));
    assert.equal(await store.query('running', { stuckSince: since, limit }), count.running(now, alive, since));
  }
  assert.equal(await store.query('running', { limit }), count.running(now, alive));
  for (const taskId of ['a', 'b', 'sum:key-1#0', 'sum:a#1:b#1', 'other:key-3#2']) {
    assert.equal(await store.query('chain', { taskId, limit }), count.chain(taskId));
    assert.equal(await store.query('chain', { taskId, limit: 1 }), count.chain(taskId).slice(-1));
  }
  assert.equal(await store.query('newest', { limit }), count.newest());
  assert.equal(await store.query('newest', { limit: 10 }), count.newest().slice(0, 10));
  for (const one of everything.sessions) {
    const rows = await store.query('rows', { sessionId: one.id });
    assert.equal(
      rows.map(({ failed: _, ...row }) => row),
      count.states(one),
    );
    const { failed, completed } = one.counts.items;
    assert.is(
      rows.reduce((sum, row) => sum + row.failed, 0),
      failed,
    );
    assert.is(
      rows.reduce((sum, row) => sum + row.completed, 0),
      completed,
    );
  }
  assert.equal(await store.query('depth', {}), count.depth());
  const jobs = await store.query('jobs', {});
  const summed = (sessions: object): number => Object.values(sessions).reduce((a: number, b: number) => a + b, 0);
  assert.equal(
    jobs.map(({ job, sessions, batches }) => ({ job, sessions: summed(sessions), batches })),
    count.jobs(),
  );
}

function withoutExamples({ examples: _, ...group }: NormalFailures): Omit<NormalFailures, 'examples'> {
  return group;
}

function byCategory(groups: readonly Omit<NormalFailures, 'examples'>[]) {
  const names = [...new Set(groups.map(({ category }) => category))].sort();
  const sums = names.map((category) => {
    const mine = groups.filter((one) => one.category === category);
    const sum = (name: 'items' | 'letters' | 'attempts'): number => mine.reduce((total, one) => total + one[name], 0);
    return { category, items: sum('items'), letters: sum('letters'), attempts: sum('attempts') };
  });
  return sums.sort((a, b) => b.items - a.items || b.attempts - a.attempts);
}

const sites: readonly (readonly [name: string, makeSite: () => StoreSite | Promise<StoreSite>, runs: number])[] = [
  ['memory', memorySite, 100],
  ['sqlite', sqliteSite, 20],
];

for (const [name, makeSite, numRuns] of sites) {
  test(`in ${name}`, async () => {
    const law = fc.asyncProperty(fc.array(stepOf, { minLength: 5, maxLength: 80, size: 'max' }), async (steps) =>
      runStoreCase(
        {
          name: 'law',
          async run(world) {
            await follow(world, steps);
            await compare(world);
          },
        },
        makeSite,
      ),
    );
    await fc.assert(law, { numRuns, includeErrorInReport: true });
  });
}

test.run();
