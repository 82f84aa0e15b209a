import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { encode } from '../../src/model/codec.ts';
import type { Executor, Group } from '../../src/model/executor.ts';
import { defineJob } from '../../src/model/job.ts';
import { workModule } from '../../src/model/work.ts';
import { openWorld } from '../support/engine-world.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';
import { turns } from '../support/turns.ts';

const test = suite('fair shares');

const slots = 4;

interface Input {
  readonly name: string;
  readonly items: number;
  /** How long each item takes. */
  readonly ms: number;
}

/** Nothing is loaded: the workers of this world only take their time. */
const job = defineJob(workModule<never>(new URL('file:///takes-time.work.ts')), {
  name: 'takes-time',
  source: ({ name, items, ms }: Input) => Array.from({ length: items }, () => ({ name, ms })),
  chunk: byCount(1),
  timeout: '1h',
} as never);

/** Work done for each session, and when each group began. */
interface Work {
  readonly done: Map<string, number>;
  readonly groups: { readonly name: string; readonly at: number; readonly ms: number }[];
}

/** Four workers, that take the time of their items by the clock. */
function timedExecutor(clock: ManualClock, work: Work): Executor {
  const free: (() => void)[] = [];
  let busy = 0;
  const enter = async (): Promise<void> => {
    if (busy < slots) busy++;
    else await new Promise<void>((resolve) => free.push(resolve));
  };
  const leave = (): void => {
    const next = free.shift();
    if (next) next();
    else busy--;
  };
  return {
    name: 'timed',
    slots,
    supports: { kill: true },
    load: async () => ({ kind: 'each', reads: false }),
    async run(group: Group) {
      await enter();
      const items = group.tasks.map(({ input }) => (input.type === 'items' ? (input.items[0] as Input) : undefined));
      const name = items[0]?.name ?? '';
      const ms = items.reduce((sum, item) => sum + (item?.ms ?? 0), 0);
      work.groups.push({ name, at: clock.now(), ms });
      await new Promise<void>((resolve) => clock.after(ms, resolve));
      work.done.set(name, (work.done.get(name) ?? 0) + ms);
      leave();
      const replies = group.tasks.map(({ number }, index) => ({
        number,
        items: 1,
        output: encode([1]),
        failures: [],
        ms: items[index]?.ms ?? 0,
      }));
      return { replies };
    },
    close: async () => undefined,
  };
}

async function timedWorld() {
  const clock = manualClock();
  const work: Work = { done: new Map(), groups: [] };
  const { engine } = await openWorld([job as never], {
    clock,
    store: memory({ clock }),
    leaseMs: 100_000_000,
    executor: 'threads',
    executors: () => timedExecutor(clock, work),
  });
  const start = (name: string, items: number, ms: number, priority = 0) =>
    engine.start(job as never, { name, items, ms } as never, { priority });
  return { engine, clock, work, start };
}

test('sessions of long and of short batches get the same time of the workers, not the same number of turns', async () => {
  const { engine, clock, work, start } = await timedWorld();
  await start('long', 10_000, 200);
  await start('short', 1_000_000, 8);
  await start('tiny', 1_000_000, 1);
  await clock.advance(1_000);
  const before = new Map(work.done);
  await clock.advance(4_000);
  const shares = ['long', 'short', 'tiny'].map((name) => (work.done.get(name) ?? 0) - (before.get(name) ?? 0));
  const all = shares.reduce((sum, ms) => sum + ms, 0);
  // A group costs host and worker 1 ms, whatever is in it: that is the short ones' own affair.
  for (const [index, ms] of shares.entries()) assert.ok(ms / all > 0.26 && ms / all < 0.41, `${index}: ${shares.join(', ')}`);
  const closing = engine.close({ grace: 0 });
  await clock.advance(10_000);
  await closing;
});

test('a small session that comes late to a huge one begins with the next free worker, and is soon done', async () => {
  const { engine, clock, work, start } = await timedWorld();
  await start('huge', 1_000_000, 100);
  await clock.advance(5_000);
  const at = clock.now();
  await start('small', 40, 100);
  // Not its outcome: that comes when its folder is gone, and takes real time.
  while ((work.done.get('small') ?? 0) < 4_000 && clock.now() < at + 60_000) await clock.advance(100);
  const tookMs = clock.now() - at;
  const first = work.groups.find(({ name }) => name === 'small');
  // Two groups a worker may be claimed before it.
  assert.ok((first?.at ?? Number.POSITIVE_INFINITY) - at <= 300, `began after ${(first?.at ?? 0) - at} ms`);
  // 4 s of work on half of four workers take 2 s.
  assert.ok(tookMs <= 3_000, `done after ${tookMs} ms`);
  const closing = engine.close({ grace: 0 });
  await clock.advance(10_000);
  await closing;
});

test('among thirty sessions none is left behind', async () => {
  const { engine, clock, work, start } = await timedWorld();
  const names = Array.from({ length: 30 }, (_, index) => `s${index}`);
  for (const [index, name] of names.entries()) await start(name, 100_000, [10, 50, 250][index % 3] ?? 5);
  await turns(20);
  await clock.advance(10_000);
  const shares = names.map((name) => work.done.get(name) ?? 0);
  const fair = (10_000 * slots) / names.length;
  const worst = Math.min(...shares) / fair;
  assert.ok(worst > 0.7 && Math.max(...shares) / fair < 1.4, `${shares.join(', ')} of ${fair}`);
  const closing = engine.close({ grace: 0 });
  await clock.advance(10_000);
  await closing;
});

test.run();
