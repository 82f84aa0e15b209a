import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { loadDriver } from '../../src/adapters/stores/sqlite/load-driver.ts';
import { sqlite } from '../../src/adapters/stores/sqlite.ts';
import { byCount } from '../../src/model/chunkers.ts';
import type { MillraceError } from '../../src/model/errors.ts';
import type { OwnerId } from '../../src/model/ids.ts';
import { defineJob } from '../../src/model/job.ts';
import type { Store } from '../../src/model/store.ts';
import { defineWork } from '../../src/model/work.ts';
import { gate, openWorld } from '../support/engine-world.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';
import { until } from '../support/turns.ts';

const test = suite('faults of an SQLite store');

const driver = await loadDriver();
const isRoot = process.getuid?.() === 0;

let folder = '';
test.each.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-sqlite-faults-'));
});
test.each.after(() => rmSync(folder, { recursive: true, force: true }));

function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}

/** A session whose second item waits at a door. The clock is the test's, so that tries can be counted over time. */
async function runningAt(path: string) {
  const clock = manualClock();
  const inner = sqlite(path, { clock });
  let commits = 0;
  const store: Store = {
    ...inner,
    commit: (commit) => {
      commits++;
      return inner.commit(commit);
    },
  };
  const door = gate();
  const ran: number[] = [];
  const work = defineWork({
    each: async (item: number) => {
      ran.push(item);
      if (item === 2) await door.opened;
      return 'x'.repeat(item * 2_000);
    },
  });
  const job = defineJob(work, {
    name: 'texts',
    source: (count: number) => Array.from({ length: count }, (_, index) => index + 1),
    chunk: byCount(1),
    combine: (left, right) => left + right,
    finalize: ({ combined }) => combined?.length ?? 0,
  });
  const { engine, lines } = await openWorld([job], { clock, store });
  const session = await engine.start(job, 10);
  await until('the second runs', () => ran.length === 2);
  return { clock, engine, session, door, ran, lines, commits: () => commits };
}

const lettersOfTen = 110_000;

async function ends<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let over = false;
  const end = (): void => {
    over = true;
  };
  promise.then(end, end);
  await until('it has ended', async () => {
    await clock.advance(1_000);
    return over;
  });
  return promise;
}

async function heard(child: ChildProcess, begin: string): Promise<string> {
  assert.ok(child.stdout);
  for await (const line of createInterface(child.stdout)) if (line.startsWith(begin)) return line.slice(begin.length);
  throw new Error(`The child ended before it said ${begin}`);
}

function integrityOf(path: string): unknown {
  const connection = driver.connect(path);
  try {
    return Object.values(connection.prepare('pragma integrity_check').get([]) ?? {})[0];
  } finally {
    connection.close();
  }
}

test(
  'a lock of another process that outlasts the busy timeout: the session waits, says why, and goes on',
  async () => {
    const path = join(folder, 'store.db');
    const { clock, engine, session, door, ran, lines } = await runningAt(path);
    const other = spawn(process.execPath, ['--import', 'tsx', fixture('holds-write-lock.ts'), path]);
    try {
      await heard(other, 'held');
      door.open();
      await until('it waits', async () => (await session.state()).waitingFor !== null);
      assert.match((await session.state()).waitingFor ?? '', /locked.*Another process held the file/);
      assert.ok(lines.some(({ level, message }) => level === 'error' && message.startsWith('store write failed')));
    } finally {
      other.stdin?.end();
      await once(other, 'exit');
    }
    assert.is(await ends(clock, session.result()), lettersOfTen);
    assert.is((await session.state()).waitingFor, null);
    assert.equal(ran, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await engine.close();
    assert.is(integrityOf(path), 'ok');
  },
  { timeoutMs: 60_000 },
);

/** A disk of one megabyte, if this process may mount one. */
function mountSmallDisk(place: string): string | undefined {
  if (process.platform !== 'linux' || !isRoot) return 'only root can mount a small disk';
  mkdirSync(place);
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', place], { encoding: 'utf8' });
  return status === 0 ? undefined : `mount: ${stderr.trim()}`;
}

function unmount(place: string): void {
  // Lazily: a test that failed may have left a file open on it.
  execFileSync('umount', ['-l', place]);
}

const probe = mkdtempSync(join(tmpdir(), 'millrace-mount-'));
const cannotMount = mountSmallDisk(join(probe, 'disk'));
if (cannotMount === undefined) unmount(join(probe, 'disk'));
rmSync(probe, { recursive: true, force: true });

test.unless(
  cannotMount,
  'a full disk: nothing is dropped, the store is asked a bounded number of times, and the session goes on when there is room',
  async () => {
    const disk = join(folder, 'disk');
    mountSmallDisk(disk);
    try {
      const path = join(disk, 'store.db');
      const { clock, engine, session, door, ran, lines, commits } = await runningAt(path);
      const balloon = join(disk, 'balloon');
      const { error } = spawnSync('dd', ['if=/dev/zero', `of=${balloon}`, 'bs=4096', 'status=none'], { stdio: 'ignore' });
      assert.not(error);
      door.open();
      await until('it waits', async () => {
        await clock.advance(100);
        return (await session.state()).waitingFor !== null;
      });
      assert.match((await session.state()).waitingFor ?? '', /full.*Make room on the disk/);
      const before = commits();
      const lettersBefore = lines.length;
      await clock.advance(600_000);
      assert.ok(commits() - before >= 100, 'it is asked again and again');
      assert.ok(commits() - before <= 140, `${commits() - before} tries in ten minutes`);
      assert.ok(lines.length - lettersBefore <= 900, 'and the log is not flooded');
      assert.is((await session.state()).counts.items.failed, 0);
      rmSync(balloon);
      assert.is(await ends(clock, session.result()), lettersOfTen);
      assert.equal(ran, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 'nothing ran twice');
      await engine.close();
      assert.is(integrityOf(path), 'ok');
    } finally {
      unmount(disk);
    }
  },
);

/** A limit of the size of files, in blocks of 512 bytes, that `prlimit` takes away later: a disk that is full for one process. */
const smallFiles = 600;
const cannotLimit =
  process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0
    ? undefined
    : 'there is no prlimit to take a limit of file sizes away';

test.unless(
  cannotLimit,
  'a limit of file sizes: the host waits instead of dropping anything, and goes on when the limit is gone',
  async () => {
    const path = join(folder, 'store.db');
    const command = `ulimit -S -f ${smallFiles}; exec "$0" "$@"`;
    const args = ['-c', command, process.execPath, '--import', 'tsx', fixture('words-host.ts'), path, '300'];
    const host = spawn('sh', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(host, 'exit');
    try {
      const lines = createInterface(host.stdout as NonNullable<typeof host.stdout>)[Symbol.asyncIterator]();
      assert.match((await lines.next()).value, /^waits: store sqlite: SQLite store .*store\.db: /);
      execFileSync('prlimit', ['--fsize=unlimited', '--pid', `${host.pid}`]);
      let last = '';
      for (let line = await lines.next(); !line.done; line = await lines.next()) last = line.value;
      assert.is(last, 'ended: {"status":"completed","result":1200000,"failed":0}');
    } finally {
      host.kill('SIGKILL');
      await ended;
    }
    assert.is(integrityOf(path), 'ok');
  },
  { timeoutMs: 60_000 },
);

for (const fate of ['deleted', 'replaced'] as const) {
  test(`a file that is ${fate} while it is open ends its sessions with STORE_LOST, instead of writing into nowhere`, async () => {
    const path = join(folder, 'store.db');
    const { clock, engine, session, door, lines } = await runningAt(path);
    renameSync(path, `${path}.away`);
    if (fate === 'replaced') writeFileSync(path, 'a file of somebody else');
    door.open();
    const error = (await ends(
      clock,
      session.outcome().catch((thrown: unknown) => thrown),
    )) as MillraceError;
    assert.is(error.code, 'ENGINE_CLOSED');
    assert.is((error.cause as MillraceError).code, 'STORE_LOST');
    assert.match((error.cause as MillraceError).message, fate === 'deleted' ? /deleted or moved/ : /replaced/);
    assert.ok(lines.some(({ level, facts }) => level === 'error' && String(facts.error).includes('SQLite store')));
    const closing = await ends(
      clock,
      engine.close().catch((thrown: MillraceError) => thrown.code),
    );
    assert.is(closing, 'STORE_LOST');
    assert.is(clock.pending({ background: true }), 0);
    rmSync(path, { force: true });
    renameSync(`${path}.away`, path);
    assert.is(integrityOf(path), 'ok');
  });
}

test('a session whose file came back is resumed from it', async () => {
  const path = join(folder, 'store.db');
  const { clock, engine, session, door } = await runningAt(path);
  renameSync(path, `${path}.away`);
  door.open();
  await ends(
    clock,
    session.outcome().catch(() => undefined),
  );
  await engine.close().catch(() => undefined);
  renameSync(`${path}.away`, path);
  const next = await runningAtAgain(path);
  assert.is(next, lettersOfTen);
});

async function runningAtAgain(path: string): Promise<unknown> {
  const clock = manualClock(1_700_000_000_000 + 3_600_000 * 3);
  const job = defineJob(defineWork({ each: (item: number) => 'x'.repeat(item * 2_000) }), {
    name: 'texts',
    source: (count: number) => Array.from({ length: count }, (_, index) => index + 1),
    chunk: byCount(1),
    combine: (left, right) => left + right,
    finalize: ({ combined }) => combined?.length ?? 0,
  });
  const { engine } = await openWorld([job], { clock, store: sqlite(path, { clock }) });
  const { resumed } = await engine.resume();
  const result = await ends(clock, resumed[0]?.result() ?? Promise.resolve());
  await engine.close();
  return result;
}

test('a folder that can only be read is named when the store is opened', () => {
  chmodSync(folder, 0o555);
  const script = `
    const { sqlite } = await import(${JSON.stringify(new URL('../../src/adapters/stores/sqlite.ts', import.meta.url).href)});
    const error = await sqlite(process.argv[1]).open().catch((thrown) => thrown);
    process.stdout.write(error.code + ' ' + error.message);`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', script, join(folder, 'store.db')];
  // Root may write everywhere: the child is nobody.
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', ...(isRoot && { uid: 65_534, gid: 65_534 }) });
  chmodSync(folder, 0o755);
  assert.match(stdout, /^STORE_FAILED SQLite store .*store\.db: EACCES/);
});

test('an owner of another machine that lives is not joined: its locks mean nothing here; one whose lease ran out is', async () => {
  const path = join(folder, 'store.db');
  const clock = manualClock();
  const store = sqlite(path, { clock });
  await store.open();
  const connection = driver.connect(path);
  const add = 'insert into owners (id, lease_expires_at, machine) values (?, ?, ?)';
  connection.prepare(add).run(['far', clock.now() + 20_000, 'elsewhere 0000-boot']);
  connection.close();
  const register = () =>
    store.registerOwner('here' as OwnerId, 30_000).then(
      () => 'registered',
      (error: MillraceError) => `${error.code}: ${error.message}`,
    );
  assert.match(await register(), /^STORE_SHARED_MACHINES: .*another machine, elsewhere .*ends in 20 s/);
  await clock.advance(20_000);
  assert.is(await register(), 'registered');
  await store.close();
});

test.run();
