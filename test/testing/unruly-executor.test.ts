import * as assert from 'uvu/assert';
import type { Executor, Group, Reply, RunHooks } from '../../src/model/executor.ts';
import type { SessionId } from '../../src/model/ids.ts';
import { silentLogger } from '../../src/model/logger.ts';
import { seededRandom } from '../../src/testing/random.ts';
import { isLost, unruly } from '../../src/testing/unruly-executor.ts';
import { suite } from '../support/suite.ts';

const test = suite('the unruly executor');

/** Answers each batch at once. */
const ready: Executor = {
  name: 'ready',
  slots: 4,
  supports: { kill: false },
  load: async () => ({ kind: 'each', reads: false }),
  run: async ({ tasks }, { onReplies }) => {
    onReplies(tasks.map(({ number }) => ({ number, items: 1, output: `[${number}]`, failures: [], ms: 1 })));
    return { replies: [] };
  },
  close: async () => {},
};

function groupOf(number: number, attempt: number): Group {
  return {
    source: { type: 'module', url: 'file:///none.js' },
    sessionId: 'none' as SessionId,
    settings: null,
    limits: {},
    tempDir: '',
    taskPrefix: '',
    tasks: [{ number, taskId: null, attempt, input: { type: 'items', items: [number], before: [], after: [] } }],
  };
}

/** Runs forty groups of one batch, all at once, and answers in the order of their ends. */
async function endsOf(seed: number, attempt: number): Promise<{ readonly ends: Reply[]; readonly told: number[] }> {
  const told: number[] = [];
  const ends: Reply[] = [];
  const executor = unruly(ready, seededRandom(seed), (number) => told.push(number));
  const hooks: RunHooks = {
    signal: new AbortController().signal,
    log: silentLogger,
    onReplies: () => {
      throw new Error('Answers come at the end.');
    },
  };
  const groups = Array.from({ length: 40 }, (_, number) => executor.run(groupOf(number, attempt), hooks));
  await Promise.all(groups.map(async (group) => ends.push(...(await group).replies)));
  return { ends, told };
}

test('ends groups in another order than they began, the same for a seed', async () => {
  const order = async (seed: number): Promise<number[]> => (await endsOf(seed, 1)).ends.map(({ number }) => number);
  const first = await order(3);
  assert.equal(
    first.toSorted((left, right) => left - right),
    [...Array(40).keys()],
  );
  assert.not.equal(first, [...Array(40).keys()]);
  assert.equal(await order(3), first);
  assert.not.equal(await order(4), first);
});

test('loses some first answers and tells which, and never a later one', async () => {
  const { ends, told } = await endsOf(3, 1);
  const lost = ends.filter(({ error }) => error && isLost(error));
  assert.equal(
    lost.map(({ number }) => number),
    told,
  );
  assert.ok(lost.length >= 3 && lost.length <= 20, String(lost.length));
  assert.ok(lost.every(({ output }) => output === null));
  assert.equal((await endsOf(3, 2)).told, []);
});

test.run();
