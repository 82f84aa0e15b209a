import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { processes } from '../../../src/adapters/executors/processes.ts';
import { decode } from '../../../src/model/codec.ts';
import type { Executor, Group } from '../../../src/model/executor.ts';
import type { Limits } from '../../../src/model/work.ts';
import type { Deed } from '../../fixtures/dies.work.ts';
import type { Fault } from '../../fixtures/faults.work.ts';
import { suite } from '../../support/suite.ts';
import { faults, fixture, groupOf, type Line, only, type Told, tell } from './support/groups.ts';
import { isRunning, whenGone } from './support/running.ts';

const test = suite('executor processes: workers that die, and what remains');

const good: Deed & Fault = { do: 'return', value: 1 };

function deeds(batches: readonly (readonly Deed[])[], limits: Limits = {}): Group {
  return groupOf(fixture('dies'), batches, { limits });
}

/** Runs with workers of its own, and ends them. */
async function withProcesses(
  options: Parameters<typeof processes>[0],
  body: (executor: Executor) => Promise<void>,
): Promise<void> {
  const executor = processes(options);
  try {
    await body(executor);
  } finally {
    await executor.close();
  }
}

/** Runs a group that kills its worker; then the next groups must run as if nothing had been. */
async function survive(executor: Executor, group: Group): Promise<Told> {
  const told = await tell(executor, group);
  for (let next = 0; next < 2; next++) assert.is((await only(executor, deeds([[good, good]]))).output, '[1,1]');
  return told;
}

async function pidOf(executor: Executor, more: Partial<Group> = {}): Promise<number> {
  const reply = await only(executor, { ...deeds([[{ do: 'pid' }]]), ...more });
  return (decode(reply.output ?? '') as number[])[0] as number;
}

const deaths: readonly [Deed, string, RegExp][] = [
  [{ do: 'signal', name: 'SIGSEGV' }, 'signal', /ended by SIGSEGV: native code crashed/],
  [{ do: 'signal', name: 'SIGKILL' }, 'signal', /ended by SIGKILL: by somebody else, or by the system/],
  [{ do: 'abort' }, 'signal', /ended by SIGABRT/],
  [{ do: 'native-crash' }, 'signal', /ended by SIG(TRAP|ILL)/],
];
for (const [deed, category, message] of deaths) {
  test(`a work that ends its process loses its own batch and no other: ${JSON.stringify(deed)}`, () =>
    withProcesses({ workers: 1 }, async (executor) => {
      const { replies, death } = await survive(executor, deeds([[good], [good, good, deed], [good]]));
      assert.ok(!replies.has(1) && !replies.has(2));
      assert.equal([death?.category, death?.number, death?.place], [category, 1, 2]);
      assert.match(death?.error.message ?? '', message);
    }));
}

for (const group of [deeds([[good, { do: 'huge-allocation' }]]), faults([[good, { do: 'fill-memory' }]])]) {
  test(`a work that needs more than workerMemoryMb ends as oom: ${JSON.stringify(group.tasks[0]?.input)}`, () =>
    withProcesses({ workers: 1, workerMemoryMb: 64 }, async (executor) => {
      const { replies, death } = await survive(executor, group);
      assert.is(replies.size, 0);
      assert.equal([death?.category, death?.number, death?.place], ['oom', 0, 1]);
      assert.match(death?.error.message ?? '', '(option workerMemoryMb)');
    }));
}

for (const code of [0, 3]) {
  test(`a work that calls process.exit(${code}) keeps the answers before it`, () =>
    withProcesses({ workers: 1 }, async (executor) => {
      const { replies, death } = await survive(executor, faults([[good], [good, { do: 'exit', code }], [good]]));
      assert.equal([...replies.keys()], [0]);
      assert.equal([death?.category, death?.number, death?.place], ['exit', 1, 1]);
      assert.match(death?.error.message ?? '', `exit code ${code}`);
    }));
}

const limited: readonly [string, Limits, Deed, string][] = [
  ['a busy loop passes its timeout', { timeoutMs: 300 }, { do: 'spin' }, 'timeout'],
  ['a busy loop passes the limit of an item', { itemTimeoutMs: 200 }, { do: 'spin' }, 'timeout'],
  ['a busy loop stalls', { stallMs: 200 }, { do: 'spin' }, 'stalled'],
  ['native code blocks', { timeoutMs: 300 }, { do: 'native-block' }, 'timeout'],
];
for (const [name, limits, deed, category] of limited) {
  test(`${name}: its process is really gone`, () =>
    withProcesses({ workers: 1 }, async (executor) => {
      const pid = await pidOf(executor);
      const { death } = await survive(executor, deeds([[good, deed]], limits));
      assert.equal([death?.category, death?.number, death?.place], [category, 0, 1]);
      assert.not(isRunning(pid));
    }));
}

for (const fault of ['reject-late', 'throw-late'] as const) {
  test(`a failure that nobody awaits hits its own group and no neighbour: ${fault}`, () =>
    withProcesses({ workers: 2 }, async (executor) => {
      const [told, neighbour] = await Promise.all([
        survive(executor, faults([[{ do: fault }]])),
        only(executor, faults([[{ do: 'wait', ms: 200 }]])),
      ]);
      assert.is(told.replies.size, 0);
      assert.equal([told.death?.category, told.death?.number], ['exit', 0]);
      assert.match(told.death?.error.cause?.message ?? '', 'nobody');
      assert.equal(neighbour.output, '[200]');
    }));
}

test('a failure long after its group ends an idle worker, is logged, and hits nobody', () =>
  withProcesses({ workers: 1 }, async (executor) => {
    const logged = new Promise<Line>((resolve) => {
      void tell(executor, faults([[{ do: 'throw-after', ms: 30 }]]), { onLine: resolve });
    });
    const { level, facts, message } = await logged;
    assert.equal([level, message], ['error', 'a worker died without a group in hand']);
    assert.match(JSON.stringify(facts), 'long after its group');
    assert.equal((await only(executor, faults([[good]]))).output, '[1]');
  }));

test('signals to all processes of a service or terminal end no worker: they are for the host', () =>
  withProcesses({ workers: 1 }, async (executor) => {
    const signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP'];
    const group = deeds(signals.map((name) => [{ do: 'signal', name }]));
    const { replies, death } = await tell(executor, group);
    assert.is(death, undefined);
    assert.is(replies.size, 3);
  }));

test('the note names the item in hand when its process is killed from outside', () =>
  withProcesses({ workers: 1 }, async (executor) => {
    const pid = await pidOf(executor);
    const batches: Fault[][] = [[{ do: 'wait', ms: 10 }], [good, good, { do: 'hang' }]];
    const { death } = await tell(executor, faults(batches), {
      onReply: () => void setTimeout(50).then(() => process.kill(pid, 'SIGKILL')),
    });
    assert.equal([death?.category, death?.number, death?.place], ['signal', 1, 2]);
  }));

test('answers that code in a worker forges are not taken', () =>
  withProcesses({ workers: 1 }, async (executor) => {
    const replies = {
      numbers: [1],
      items: [1],
      outputs: ['"forged"'],
      ms: [0],
      hashes: [],
      places: [],
      failures: [],
      errors: [],
      counters: [],
    };
    const forged = { do: 'send', times: 2, message: ['guessed', { type: 'replies', replies }] } as const;
    const early = { do: 'send', times: 2, message: ['', { type: 'ended' }] } as const;
    const told = await tell(executor, deeds([[forged, early], [good]]));
    assert.is(told.death, undefined);
    assert.equal(
      [...told.replies.values()].map(({ output }) => output),
      ['[2,2]', '[1]'],
    );
    assert.equal(new Set(told.lines.map(({ message }) => message)), new Set(['a worker sent a message that makes no sense']));
  }));

test('a message that cannot be read is logged, and does nothing else', () =>
  withProcesses({ workers: 1 }, async (executor) => {
    const told = await tell(executor, deeds([[{ do: 'send-garbled' }], [good]]));
    assert.is(told.death, undefined);
    assert.is(told.replies.get(1)?.output, '[1]');
    assert.equal(
      told.lines.map(({ level }) => level),
      ['warn'],
    );
  }));

test('a worker that writes to its pipe what is no message is ended', () =>
  withProcesses({ workers: 1 }, async (executor) => {
    const { death } = await survive(executor, deeds([[good, { do: 'write-to-pipe', text: 'hello, host!' }, { do: 'spin' }]]));
    assert.is(death?.category, 'lost');
    assert.match(death?.error.message ?? '', 'no message of ours');
  }));

test('a worker that floods its host with nonsense is ended', () =>
  withProcesses({ workers: 1 }, async (executor) => {
    const { death, lines } = await survive(executor, deeds([[{ do: 'send', times: 1_000_000, message: { nothing: true } }]]));
    assert.is(death?.category, 'lost');
    assert.match(death?.error.message ?? '', '1000 messages that make no sense');
    assert.ok(lines.length < 5_000, `${lines.length}`);
  }));

test('ends a process that does not follow its signal', () =>
  withProcesses({ workers: 1 }, async (executor) => {
    const pid = await pidOf(executor);
    const abort = new AbortController();
    const { replies, death } = await tell(executor, faults([[{ do: 'wait', ms: 30 }], [{ do: 'block' }]]), {
      signal: abort.signal,
      onReply: () => abort.abort(new Error('stop')),
    });
    assert.equal([...replies.keys()], [0]);
    assert.is(death?.givenUp, true);
    assert.not(isRunning(pid));
  }));

test('close gives up what runs, and leaves no process and no handle behind', async () => {
  const before = handles();
  const executor = processes({ workers: 2 });
  const pids = await Promise.all([pidOf(executor), pidOf(executor)]);
  const blocked = tell(executor, deeds([[{ do: 'spin' }]]));
  const queued = [tell(executor, faults([[{ do: 'hang' }]])), tell(executor, faults([[good]]))];
  await executor.close();
  for (const { death } of await Promise.all([blocked, ...queued])) assert.is(death?.givenUp, true);
  assert.equal(pids.filter(isRunning), []);
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(handles() <= before, `${handles()} are left of ${before}`);
  await tell(executor, faults([[good]])).then(
    () => assert.unreachable('it should have been refused'),
    (error: { code: string }) => assert.is(error.code, 'ENGINE_CLOSED'),
  );
  await executor.close();
});

test('sets up once per worker and distinct settings, and tears down at the end', () =>
  withWitness(async (file) => {
    await withProcesses({ workers: 1 }, async (executor) => {
      for (const mark of ['a', 'b', 'a', 'b'])
        await only(executor, groupOf(fixture('resources'), [[1]], { settings: { file, mark } }));
      assert.equal(await marks(file), ['setup a', 'setup b']);
    });
    assert.equal(await marks(file), ['setup a', 'setup b', 'teardown a', 'teardown b']);
  }));

test('a worker is put away after so many batches, its teardowns first', () =>
  withWitness((file) =>
    withProcesses({ workers: 1, recycle: { batches: 4 } }, async (executor) => {
      const group = groupOf(fixture('resources'), [[1], [2]], { settings: { file, mark: 'a' } });
      for (let time = 0; time < 3; time++) assert.is((await tell(executor, group)).replies.size, 2);
      assert.equal(await marks(file), ['setup a', 'teardown a', 'setup a']);
    }),
  ));

test('a worker is put away when its memory passes the mark', () =>
  withProcesses({ workers: 1, recycle: { memoryMb: 16 } }, async (executor) => {
    assert.is.not(await pidOf(executor), await pidOf(executor));
  }));

test('a fresh group has a worker of its own, that is put away', () =>
  withProcesses({ workers: 1 }, async (executor) => {
    const common = await pidOf(executor);
    const fresh = await pidOf(executor, { fresh: true });
    assert.is.not(fresh, common);
    assert.not(isRunning(fresh));
    assert.is(await pidOf(executor), common);
  }));

for (const [name, batch] of [
  ['failure', faults([[{ do: 'throw-after', ms: 40 }]])],
  ['exit', deeds([[{ do: 'exit-after', ms: 40 }]])],
] as const) {
  test(`a late ${name} of a fresh group hits it, since it is held until its loop is quiet`, () =>
    withProcesses({ workers: 1 }, async (executor) => {
      const { replies, death } = await tell(executor, { ...batch, fresh: true });
      assert.is(replies.size, 0);
      assert.equal([death?.category, death?.number], ['exit', 0]);
    }));
}

test('workers see the named variables, and what decides how local times and texts come out', async () => {
  const names = ['MILLRACE_TEST_NAMED', 'MILLRACE_TEST_SECRET', 'PATH', 'NODE_OPTIONS', 'TZ'];
  Object.assign(process.env, { MILLRACE_TEST_NAMED: 'seen', MILLRACE_TEST_SECRET: 'not seen' });
  try {
    await withProcesses({ workers: 1, env: ['MILLRACE_TEST_NAMED'] }, async (executor) => {
      const reply = await only(executor, faults([names.map((name): Fault => ({ do: 'env', name }))]));
      assert.equal(decode(reply.output ?? ''), ['seen', null, null, null, process.env.TZ ?? null]);
    });
  } finally {
    delete process.env.MILLRACE_TEST_NAMED;
    delete process.env.MILLRACE_TEST_SECRET;
  }
});

test('more groups than workers wait their turn, and workers are used again', () =>
  withProcesses({ workers: 2 }, async (executor) => {
    const pids = await Promise.all(Array.from({ length: 9 }, () => pidOf(executor)));
    assert.is(new Set(pids).size, 2);
  }));

test('an executor that was never used closes at once', async () => {
  await processes({ workers: 'auto' }).close();
});

test('refuses impossible options by name', () => {
  assert.throws(() => processes({ workers: 0 }), /workers must be a whole number/);
  assert.throws(() => processes({ workers: 1, recycle: { batches: 0 } }), /recycle.batches must be/);
  assert.throws(() => processes({ workers: 1, recycle: { tasks: 1 } as never }), /recycle: tasks/);
});

test('a child that was stopped is ended by a limit all the same', () =>
  withProcesses({ workers: 1 }, async (executor) => {
    const pid = await pidOf(executor);
    const { death } = await tell(executor, deeds([[{ do: 'signal', name: 'SIGSTOP' }, { do: 'spin' }]], { timeoutMs: 200 }));
    assert.is(death?.category, 'timeout');
    await whenGone(pid);
  }));

test.run();

async function withWitness(body: (file: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-witness-'));
  try {
    await body(join(folder, 'witness'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function marks(file: string): Promise<string[]> {
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  return lines.map((line) => line.split(' ').slice(0, 2).join(' '));
}

/** What keeps this process alive, besides its own pipes. */
function handles(): number {
  return process.getActiveResourcesInfo().filter((name) => /Process|Pipe|Timeout/.test(name)).length;
}
