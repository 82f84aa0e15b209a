import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  failure,
  first,
  host,
  leaseMs,
  newBatch,
  newSession,
  otherHost,
  sceneOf,
} from '../../../src/adapters/conformance/scene.ts';
import type { SqliteRow } from '../../../src/adapters/stores/sqlite/driver.ts';
import { loadDriver } from '../../../src/adapters/stores/sqlite/load-driver.ts';
import { sqlite } from '../../../src/adapters/stores/sqlite.ts';
import { manualClock } from '../../../src/conformance.ts';
import { executionIdOf } from '../../../src/model/ids.ts';
import { suite } from '../../support/suite.ts';

const test = suite('the questions of docs/sql.md');

const page = readFileSync(new URL('../../../docs/sql.md', import.meta.url), 'utf8');
const questions = new Map([...page.matchAll(/```sql\n-- (.+)\n([\s\S]*?)```/g)].map(([, name = '', sql = '']) => [name, sql]));

const folder = mkdtempSync(join(tmpdir(), 'millrace-forensics-'));
const path = join(folder, 'runs.db');
const session = newSession(1, { key: 'big.txt' });

/** Batches of ten items: 0 completed (5 ms), 1 completed after a crash (50 ms), 2 dead, 3 failed and waits, 4 crashed, 5 runs, 6 pending. */
test.before(async () => {
  // The questions look at the machine's time, so this run must have happened lately.
  const clock = manualClock(Date.now() - 60_000);
  const store = sqlite(path, { clock });
  await store.open();
  const refuse = async (): Promise<typeof store> => {
    throw new Error('not in this test');
  };
  await store.registerOwner(host, leaseMs);
  await store.createSession(session);
  const scene = sceneOf({ store, clock, reopen: refuse, second: refuse }, session.id);
  await scene.move('pending', 'running.streaming');
  await scene.enqueue(7, { items: 10 });
  await scene.settle(first(await scene.claim([0])), 'completed', { itemsCompleted: 10, ms: 5 });
  await scene.claim([1]);
  clock.advance(leaseMs);
  await store.rescue(9);
  await store.registerOwner(otherHost, leaseMs);
  await scene.write({ number: 1, from: 'crashed.deciding', to: 'crashed.waiting', attempt: 1, retryInMs: 0 });
  await scene.settle(first(await scene.claim([1], otherHost)), 'completed', { itemsCompleted: 10, ms: 50 });
  const letter = { itemId: 'line-22', place: 2, items: 1, taskId: 'sum:big.txt#2', error: failure, attempts: 1 };
  await scene.settle(first(await scene.claim([2], otherHost)), 'failed.dead', {
    deadLetters: [letter],
    error: failure,
    itemsCompleted: 9,
  });
  await scene.settle(first(await scene.claim([3], otherHost)), 'failed.waiting', { error: failure });
  const oom = { name: 'OutOfMemory', message: 'heap is full', category: 'oom' as const };
  await scene.settle(first(await scene.claim([4], otherHost)), 'crashed.dead', { error: oom });
  await scene.claim([5], otherHost);
  await store.close();
});

test.after(() => rmSync(folder, { recursive: true, force: true }));

const driver = await loadDriver();

function ask(name: string, file = path): readonly SqliteRow[] {
  const sql = questions.get(name);
  if (sql === undefined) throw new Error(`docs/sql.md has no question "${name}"`);
  const values = { ':session': session.id, ':task': 'sum:big.txt#1' };
  const connection = driver.connect(file);
  try {
    const bound = sql.replace(/:session|:task/g, (parameter) => `'${values[parameter as keyof typeof values]}'`);
    return connection.prepare(bound).all([]);
  } finally {
    connection.close();
  }
}

/** Some columns of each row. */
function columns(rows: readonly SqliteRow[], ...names: string[]): readonly unknown[] {
  return rows.map((row) => names.map((name) => row[name]));
}

/** A store of its own, where the tasks a, b and a are enqueued one after another. */
async function withDuplicates(): Promise<string> {
  const file = join(folder, 'tasks.db');
  const store = sqlite(file);
  await store.open();
  await store.createSession(session);
  const batches = ['a', 'b', 'a'].map((taskId, number) => newBatch(number, { taskId }));
  const dedupe = { windowMs: 1_000, states: ['pending'] } as const;
  const enqueue = { batches, position: { chunks: 3, items: 3, ended: true }, dedupe };
  await store.commit({ owner: host, sessions: [{ sessionId: session.id, epoch: 1, enqueue }] });
  await store.close();
  return file;
}

const hostDied = 'The host that ran this batch died, or its lease ran out.';

const answers: Readonly<Record<string, () => void | Promise<void>>> = {
  'crashed batches': () => {
    const rows = columns(ask('crashed batches'), 'number', 'task_id', 'first_item', 'last_item', 'message', 'state');
    assert.equal(rows, [[4, 'sum:big.txt#4', 4, 13, 'heap is full', 'crashed.dead']]);
  },
  'crashed attempts': () => {
    const rows = columns(ask('crashed attempts'), 'number', 'claim', 'owner', 'message', 'category');
    assert.equal(rows, [
      [1, 1, host, hostDied, 'host-death'],
      [4, 1, otherHost, 'heap is full', 'oom'],
    ]);
  },
  'slowest batches of a session': () => {
    assert.equal(columns(ask('slowest batches of a session'), 'number', 'ms'), [
      [1, 50],
      [0, 5],
    ]);
  },
  'slowest batches of the last 24 hours': () => {
    assert.equal(columns(ask('slowest batches of the last 24 hours'), 'job', 'number', 'ms'), [
      ['sum', 1, 50],
      ['sum', 0, 5],
    ]);
  },
  'failures by message': () => {
    const rows = columns(ask('failures by message'), 'message', 'category', 'items', 'letters', 'example');
    assert.equal(rows, [['no luck', 'error', 1, 1, 'line-22']]);
  },
  'failed attempts by message': () => {
    const rows = columns(ask('failed attempts by message'), 'message', 'attempts', 'batches');
    assert.equal(new Map(rows as [string, number][]).get('no luck'), 2);
    assert.is(rows.length, 3);
  },
  'crashed in the last 24 hours': () => {
    const rows = ask('crashed in the last 24 hours');
    assert.equal(new Set(columns(rows, 'key', 'number').map(String)), new Set(['big.txt,1', 'big.txt,4']));
    assert.match(String(rows[0]?.ended), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  },
  'average time of completed batches in the last 24 hours': () => {
    const rows = ask('average time of completed batches in the last 24 hours');
    assert.equal(columns(rows, 'job', 'batches', 'average_ms', 'longest_ms', 'ms_an_item'), [['sum', 2, 27.5, 50, 2.75]]);
  },
  'health of the last hour': () => {
    const [row] = ask('health of the last hour');
    const { _metadata: _, ...health } = { _metadata: null, ...row };
    const expected = {
      ended: 6,
      completed: 2,
      completed_percent: 33.3,
      failed: 2,
      crashed: 2,
      crashed_percent: 33.3,
      running_now: 1,
    };
    assert.equal(health, expected);
  },
  'crash rate over 5 percent': () => {
    assert.equal(columns(ask('crash rate over 5 percent'), 'crashed_percent', 'attempts'), [[33.3, 6]]);
  },
  'status, batches and items': () => {
    const rows = columns(ask('status, batches and items'), 'state', 'batches', 'items', 'completed', 'given_up');
    const byState = new Map(rows.map((row) => [(row as unknown[])[0], (row as unknown[]).slice(1)]));
    assert.equal(byState.get('completed'), [2, 20, 20, 0]);
    assert.equal(byState.get('failed.dead'), [1, 10, 9, 1]);
    assert.is(byState.size, 6);
  },
  'the last ten records': () => {
    assert.is(ask('the last ten records').length, 7);
  },
  'the retry chain of a task': () => {
    const rows = columns(ask('the retry chain of a task'), 'execution_id', 'claim', 'outcome');
    const id = executionIdOf(session.id, 1);
    assert.equal(rows, [
      [id, 1, 'crashed.deciding'],
      [id, 2, 'completed'],
    ]);
  },
  'duplicates that were not run': async () => {
    assert.equal(columns(ask('duplicates that were not run', await withDuplicates()), 'task_id', 'skipped'), [['a', 1]]);
  },
  'batches whose host died': () => {
    const rows = columns(ask('batches whose host died'), 'number', 'host_deaths', 'isolating', 'state');
    assert.equal(rows, [[1, 1, null, 'completed']]);
  },
  'sessions and how far they are': () => {
    assert.equal(columns(ask('sessions and how far they are'), 'key', 'items', 'running'), [['big.txt', '29 of 70', 1]]);
  },
  'batches that run, longest first': () => {
    assert.equal(columns(ask('batches that run, longest first'), 'number', 'owner'), [[5, otherHost]]);
  },
};

for (const [name, check] of Object.entries(answers)) test(`answers: ${name}`, check);

test('are all tried here', () => {
  assert.equal([...questions.keys()].sort(), Object.keys(answers).sort());
});

test.run();
