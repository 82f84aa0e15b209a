import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { first, newBatch, startScene } from '../../src/adapters/conformance/scene.ts';
import { runStoreCase, type StoreSite, type StoreWorld } from '../../src/adapters/conformance/store-case.ts';
import type { BatchState } from '../../src/model/moves.ts';
import { memorySite, sqliteSite } from '../adapters/stores/store-sites.ts';
import { suite } from '../support/suite.ts';

const test = suite('the window of a task');

const windowMs = 1_000;

/** One enqueue of a task, after a wait; then what becomes of the batch, if it is run. */
interface Step {
  readonly waitMs: number;
  readonly task: string;
  readonly session: 0 | 1;
  readonly becomes: 'pending' | 'running' | 'completed' | 'failed.waiting' | 'failed.dead';
}

const edges = fc.constantFrom(0, 1, windowMs / 2, windowMs - 1, windowMs, windowMs + 1);

const stepOf: fc.Arbitrary<Step> = fc.record({
  waitMs: fc.oneof({ weight: 3, arbitrary: edges }, { weight: 1, arbitrary: fc.nat(3 * windowMs) }),
  task: fc.constantFrom('a', 'b'),
  session: fc.constantFrom(0, 1),
  becomes: fc.constantFrom('pending', 'running', 'completed', 'failed.waiting', 'failed.dead'),
});

const rules = fc.subarray(['pending', 'running', 'completed', 'failed.waiting', 'failed.dead'] as const, { minLength: 1 });

/** What the rule says, in the plainest words: has anybody run this task since less than the window, and is that batch in such a state? */
function shouldSkip(
  ran: readonly { task: string; at: number; state: BatchState }[],
  task: string,
  at: number,
  states: readonly BatchState[],
): boolean {
  return ran.some((one) => one.task === task && at - one.at < windowMs && states.includes(one.state));
}

async function follow(world: StoreWorld, steps: readonly Step[], states: readonly BatchState[]): Promise<void> {
  const scenes = [await startScene(world, 1), await startScene(world, 2)] as const;
  const ran: { task: string; at: number; state: BatchState }[] = [];
  for (const { waitMs, task, session, becomes } of steps) {
    world.clock.advance(waitMs);
    await world.store.registerOwner('host-1' as never, 1_000_000);
    const scene = scenes[session];
    const { chunks: number, items } = (await scene.session()).position;
    const enqueue = {
      batches: [newBatch(number, { taskId: task })],
      position: { chunks: number + 1, items: items + 1, ended: false },
      dedupe: { windowMs, states },
    };
    const skipped = (await scene.commit({ enqueue })).duplicates !== undefined;
    const at = world.clock.now();
    assert.is(skipped, shouldSkip(ran, task, at, states), `task ${task} after ${waitMs} ms`);
    if (skipped) continue;
    ran.push({ task, at, state: becomes });
    if (becomes === 'pending') continue;
    const batch = first(await scene.claim([number]));
    if (becomes !== 'running') await scene.settle(batch, becomes, { retryInMs: 1_000_000 });
  }
  const counted = await Promise.all(scenes.map((scene) => scene.session()));
  const duplicates = counted.reduce((sum, { counts }) => sum + (counts.items.duplicate ?? 0), 0);
  assert.is(duplicates, steps.length - ran.length);
}

const sites: readonly (readonly [name: string, makeSite: () => StoreSite | Promise<StoreSite>, runs: number])[] = [
  ['memory', memorySite, 300],
  ['sqlite', sqliteSite, 25],
];

for (const [name, makeSite, numRuns] of sites) {
  test(`holds a task as long as the rule says, to the millisecond, in ${name}`, async () => {
    const law = fc.asyncProperty(fc.array(stepOf, { minLength: 1, maxLength: 12 }), rules, async (steps, states) =>
      runStoreCase({ name: 'law', run: (world) => follow(world, steps, states) }, makeSite),
    );
    await fc.assert(law, { numRuns });
  });
}

test.run();
