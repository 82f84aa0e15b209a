import * as assert from 'uvu/assert';
import { inline } from '../../../src/adapters/executors/inline.ts';
import type { Reply } from '../../../src/model/executor.ts';
import { silentLogger } from '../../../src/model/logger.ts';
import { defineWork, type SetupContext } from '../../../src/model/work.ts';
import { suite } from '../../support/suite.ts';
import { groupOf, only, tell } from './support/groups.ts';

const test = suite('executor inline: work in place');

test('runs functions of the host, closures included', async () => {
  const seen: number[] = [];
  const { source } = defineWork({ each: (value: number) => seen.push(value) });
  const executor = inline();
  assert.is((await only(executor, groupOf(source, [[5, 6]]))).output, '[1,2]');
  assert.equal(seen, [5, 6]);
  await executor.close();
});

test('gives work in place the very objects of the host', async () => {
  class Point {
    readonly x = 3;
    double(): number {
      return this.x * 2;
    }
  }
  const point = new Point();
  const seen: Point[] = [];
  const { source } = defineWork({
    each: (item: Point) => {
      seen.push(item);
      return item.double();
    },
  });
  const executor = inline();
  assert.is((await only(executor, groupOf(source, [[point]]))).output, '[6]');
  assert.is(seen[0], point);
  await executor.close();
});

test('has as many groups at work as it has slots, and no more', async () => {
  let atWork = 0;
  let most = 0;
  const { source } = defineWork({
    each: async () => {
      most = Math.max(most, ++atWork);
      await new Promise(setImmediate);
      atWork--;
    },
  });
  const executor = inline({ slots: 3 });
  await Promise.all(Array.from({ length: 10 }, () => tell(executor, groupOf(source, [[1, 2], [3]]))));
  assert.is(most, 3);
  await executor.close();
});

test('aborts the signal of an item that is late, and hears nothing more of it', async () => {
  let release: () => void = () => undefined;
  let aborted = false;
  const { source } = defineWork({
    each: async (value: number, { count, signal }) => {
      count('seen', value);
      if (value !== 1) return value;
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      count('seen', 100);
      return value;
    },
  });
  const executor = inline();
  const reply = await only(executor, groupOf(source, [[1, 2, 4]], { limits: { itemTimeoutMs: 30 } }));
  release();
  assert.ok(aborted);
  assert.equal([reply.output, reply.places, reply.counters], ['[2,4]', [1, 2], { seen: 6 }]);
  assert.equal(
    reply.failures.map(({ place, error }) => [place, error.category]),
    [[0, 'timeout']],
  );
  await executor.close();
});

test('sets up once per distinct settings, also for groups at once, and tears down when it closes', async () => {
  const told: string[] = [];
  const { source } = defineWork({
    setup: async ({ settings }: SetupContext<string>) => {
      told.push(`setup ${settings}`);
      await new Promise(setImmediate);
      return settings;
    },
    each: (value: number, { resource }) => `${resource}${value}`,
    teardown: (resource) => void told.push(`teardown ${resource}`),
  });
  const executor = inline({ slots: 4 });
  const runs = ['a', 'b', 'a', 'b'].map((settings) => only(executor, groupOf(source, [[1]], { settings })));
  assert.equal(
    (await Promise.all(runs)).map(({ output }) => output),
    ['["a1"]', '["b1"]', '["a1"]', '["b1"]'],
  );
  assert.equal(told, ['setup a', 'setup b']);
  await executor.close();
  assert.equal(told, ['setup a', 'setup b', 'teardown a', 'teardown b']);
});

test('puts the longest unused settings away when it holds more than sixteen', async () => {
  const told: string[] = [];
  const { source } = defineWork({
    setup: ({ settings }: SetupContext<number>) => settings,
    each: (value: number) => value,
    teardown: (resource) => void told.push(`teardown ${resource}`),
  });
  const executor = inline();
  for (const settings of [...Array(16).keys(), 0, 16]) await tell(executor, groupOf(source, [[1]], { settings }));
  assert.equal(told, ['teardown 1']);
  await executor.close();
  assert.is(told.length, 17);
});

test('a teardown that throws is logged, and the others still run', async () => {
  let ended = 0;
  const { source } = defineWork({
    setup: ({ settings }: SetupContext<number>) => settings,
    each: (value: number) => value,
    teardown: (resource) => {
      ended++;
      if (resource === 0) throw new Error('stuck');
    },
  });
  const executor = inline();
  const first = await tell(executor, groupOf(source, [[1]], { settings: 1 }));
  const last = await tell(executor, groupOf(source, [[1]], { settings: 0 }));
  await executor.close();
  assert.is(ended, 2);
  assert.equal(
    [...first.lines, ...last.lines].map(({ message }) => message),
    ['a teardown failed'],
  );
});

test('close gives up what runs and what waits, and takes no more work', async () => {
  let began: () => void = () => undefined;
  const started = new Promise<void>((resolve) => {
    began = resolve;
  });
  const { source } = defineWork({
    each: () => {
      began();
      return new Promise(() => undefined);
    },
  });
  const executor = inline();
  const running = tell(executor, groupOf(source, [[1]]));
  const waiting = tell(executor, groupOf(source, [[2]]));
  await started;
  await executor.close();
  for (const { replies, death } of await Promise.all([running, waiting])) {
    assert.is(replies.size, 0);
    assert.is(death?.givenUp, true);
  }
  const refusal: unknown = await tell(executor, groupOf(source, [[1]])).catch((error: unknown) => error);
  assert.is((refusal as { code?: string }).code, 'ENGINE_CLOSED');
});

test('refuses an impossible number of slots', () => {
  assert.throws(() => inline({ slots: 0 }), /inline.slots must be a whole number/);
});

test('an answer is not held back by a later batch of its group that waits', async () => {
  const executor = inline();
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const work = defineWork({ each: (item: number) => (item === 0 ? item : opened.then(() => item)) });
  const numbers: number[] = [];
  const onReplies = (replies: readonly Reply[]): void => {
    numbers.push(...replies.map(({ number }) => number));
    if (numbers.includes(0)) open();
  };
  const hooks = { signal: new AbortController().signal, log: silentLogger, onReplies };
  await executor.run(groupOf(work.source, [[0], [1], [2]]), hooks);
  assert.equal(numbers, [0, 1, 2]);
  await executor.close();
});

test.run();
