import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { SqliteConnection, SqliteValue } from '../../src/adapters/stores/sqlite/driver.ts';
import { loadDriver } from '../../src/adapters/stores/sqlite/load-driver.ts';
import { sqlite } from '../../src/adapters/stores/sqlite.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { errorInfo } from '../../src/model/error-info.ts';
import { RetryError } from '../../src/model/errors.ts';
import { defineJob } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { checkPrototype, inFolder } from '../security/support.ts';
import { collect, openWorld, shared } from '../support/engine-world.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';
import { until } from '../support/turns.ts';

/** Rows that somebody has tampered with, one column at a time: whatever is in it, the host lives and the session beside it goes on. */
const test = suite('corpus: stored rows tampered with');

const driver = await loadDriver();

/** Of no type that the column wants, out of its bounds, and made to hurt whoever merges or allocates. */
const odd: Readonly<Record<string, SqliteValue>> = {
  'minus one': -1,
  text: "x' or 1=1 --",
  'an object with __proto__': '{"__proto__":{"polluted":1}}',
  bytes: new Uint8Array([0x4d, 0x4c, 0x52, 0x31, 0xff]),
};

let isHealed = false;

const work = defineWork({
  each: (item: number, { count }) => {
    count('items');
    if (item === 2) throw new Error('never');
    if (item === 3 && !isHealed) throw new RetryError('later', { after: '1h' });
    return { item, bytes: new Uint8Array([item]) };
  },
});

const job = defineJob(work, {
  name: 'rows',
  source: (_: { key: string }) => [1, 2, 3, 4],
  chunk: byCount(1),
  key: ({ key }) => key,
  metadata: () => ({ note: 'kept' }),
  retry: { classify: ({ message }) => (message === 'never' ? 'permanent' : 'retry') },
  finalize: ({ outputs }) => collect(outputs).then((all) => all.length),
});

/** A store with two sessions that a host left half done: a batch completed, one dead, one waiting. */
async function makeTemplate(file: string): Promise<number> {
  isHealed = false;
  const clock = manualClock();
  const store = sqlite(file, { clock });
  await store.open();
  const { engine } = await openWorld([job], { store: { ...shared(store), open: async () => undefined }, clock });
  for (const key of ['victim', 'healthy']) await engine.start(job, { key });
  await until('both sessions wait for their retry', async () => {
    const sessions = await store.listSessions({ limit: 2 });
    return sessions.every(({ counts }) => counts.batches.completed === 2 && counts.batches.failed === 2);
  });
  await inTime(clock, engine.close({ grace: 0 }));
  await store.close();
  return clock.now() + 7_200_000;
}

/** Waits for something, and lets the time go on until it is there: second by second, as long as a host needs. */
async function inTime<T>(clock: ManualClock, waited: Promise<T>): Promise<T> {
  let isOver = false;
  const over = (): void => {
    isOver = true;
  };
  waited.then(over, over);
  for (const start = performance.now(); !isOver && performance.now() < start + 10_000; ) await clock.advance(1_000);
  assert.ok(isOver, 'it does not end');
  return waited;
}

function connected<T>(file: string, body: (connection: SqliteConnection) => T): T {
  const connection = driver.connect(file);
  try {
    return body(connection);
  } finally {
    connection.close();
  }
}

interface Column {
  readonly table: string;
  readonly name: string;
}

/** Every column but those by which rows are found. */
function columnsOf(file: string, table: string): readonly Column[] {
  return connected(file, (connection) =>
    connection
      .prepare('select name from pragma_table_info(?) where pk = 0')
      .all([table])
      .map(({ name }) => ({ table, name: String(name) }))
      .filter(({ name }) => name !== 'session' && name !== 'number'),
  );
}

/** Whether SQLite let it happen. */
function tamper(file: string, { table, name }: Column, value: SqliteValue): boolean {
  const whose = table === 'sessions' ? 'no' : 'session';
  const sql = `update ${table} set ${name} = ? where ${whose} = (select min(no) from sessions) and 1 = ?`;
  try {
    return connected(file, (connection) => connection.prepare(sql).run([value, 1])) > 0;
  } catch (error) {
    assert.match(String(error), /constraint|mismatch/i);
    return false;
  }
}

/** What the host makes of it: resumed, or refused with a code; and the healthy session's status. */
async function resume(file: string, start: number): Promise<{ healthy: string; codes: readonly string[]; threw?: string }> {
  isHealed = true;
  const clock = manualClock(start);
  const { engine } = await openWorld([job], { store: sqlite(file, { clock }), clock });
  try {
    const { resumed, refused } = await inTime(clock, engine.resume());
    const healthy = resumed.find(({ key }) => key === 'healthy');
    const outcome = healthy && (await inTime(clock, healthy.outcome()));
    // What else may be asked of the store must not hurt either.
    const asking = Promise.allSettled([
      collect(engine.sessions({})),
      ...resumed.map((session) => session.state()),
      ...(healthy ? [collect(healthy.deadLetters()), collect(healthy.outputs())] : []),
    ]);
    const asked = await inTime(clock, asking);
    for (const one of asked) if (one.status === 'rejected') assert.ok(errorInfo(one.reason).message.length > 0);
    return { healthy: String(outcome?.status), codes: refused.map(({ error }) => error.code) };
  } catch (thrown) {
    return { healthy: 'unknown', codes: [], threw: errorInfo(thrown).message };
  } finally {
    await inTime(clock, engine.close({ grace: 0 }));
  }
}

const codes = ['JOB_NOT_REGISTERED', 'JOB_CHANGED', 'INPUT_CHANGED', 'STORE_FAILED'];

for (const table of ['sessions', 'session_values', 'batches', 'outputs', 'attempts', 'dead_letters']) {
  test(
    `in any column of ${table}: the session beside it is completed, and what is refused has a code`,
    () =>
      inFolder(async (folder) => {
        const template = join(folder, 'template.db');
        const start = await makeTemplate(template);
        let tried = 0;
        for (const column of columnsOf(template, table)) {
          for (const [name, value] of Object.entries(odd)) {
            const file = join(folder, `${column.name}-${name}.db`);
            copyFileSync(template, file);
            if (!tamper(file, column, value)) continue;
            tried++;
            const { healthy, codes: refused, threw } = await resume(file, start);
            const what = `${table}.${column.name} = ${name}`;
            assert.is(threw, undefined, what);
            assert.is(healthy, 'completed', what);
            assert.equal(
              refused.filter((code) => !codes.includes(code)),
              [],
              what,
            );
          }
        }
        assert.ok(tried >= 5, `${tried} were tried`);
        process.stdout.write(`  ${table}: ${tried} rows tampered with\n`);
        checkPrototype(table);
      }),
    { timeoutMs: 60_000 },
  );
}

test.run();
