import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { threads } from '../../../src/adapters/executors/threads.ts';
import { decode } from '../../../src/model/codec.ts';
import type { Executor, Group } from '../../../src/model/executor.ts';
import { defineWork } from '../../../src/model/work.ts';
import type { Fault } from '../../fixtures/faults.work.ts';
import { suite } from '../../support/suite.ts';
import { faults, fixture, groupOf, type Line, only, type Told, tell } from './support/groups.ts';

const test = suite('executor threads: workers that die, and what remains');

const good: Fault = { do: 'return', value: 1 };

/** Runs with workers of its own, and ends them. */
async function withThreads(options: Parameters<typeof threads>[0], body: (executor: Executor) => Promise<void>): Promise<void> {
  const executor = threads(options);
  try {
    await body(executor);
  } finally {
    await executor.close();
  }
}

/** Runs a group that kills its worker; then the next groups must run as if nothing had been. */
async function survive(executor: Executor, group: Group): Promise<Told> {
  const told = await tell(executor, group);
  for (let next = 0; next < 3; next++) {
    const reply = await only(executor, faults([[good, { do: 'wait', ms: 1 }]]));
    assert.equal(reply.output, '[1,1]');
  }
  return told;
}

for (const code of [0, 3]) {
  test(`a work that calls process.exit(${code}) loses its own batch and no other`, () =>
    withThreads({ workers: 1 }, async (executor) => {
      const { replies, death } = await survive(executor, faults([[good], [good, { do: 'exit', code }], [good]]));
      assert.equal([...replies.keys()], [0]);
      assert.equal([death?.category, death?.number, death?.place], ['exit', 1, 1]);
      assert.match(death?.error.message ?? '', `exit code ${code}`);
    }));
}

test('a work that fills its memory with many small arrays ends as oom', () =>
  withThreads({ workers: 1, workerMemoryMb: 48 }, async (executor) => {
    const { replies, death } = await survive(executor, faults([[{ do: 'fill-memory' }]]));
    assert.is(replies.size, 0);
    assert.equal([death?.category, death?.number, death?.place], ['oom', 0, 0]);
    assert.match(death?.error.message ?? '', '(option workerMemoryMb)');
  }));

test('a busy loop is ended when the batch passes its timeout', () =>
  withThreads({ workers: 1 }, async (executor) => {
    const { death } = await survive(executor, faults([[good, { do: 'block' }]], { timeoutMs: 100 }));
    assert.equal([death?.category, death?.number, death?.place], ['timeout', 0, 1]);
    assert.match(death?.error.message ?? '', 'took longer than 100 ms (option timeout)');
  }));

test('a busy loop is ended when the item passes its limit, and the note names it', () =>
  withThreads({ workers: 1 }, async (executor) => {
    const { replies, death } = await survive(
      executor,
      faults([[{ do: 'wait', ms: 20 }], [good, good, { do: 'block' }]], { itemTimeoutMs: 100 }),
    );
    assert.equal([...replies.keys()], [0]);
    assert.equal([death?.category, death?.number, death?.place], ['timeout', 1, 2]);
    assert.match(death?.error.message ?? '', 'option itemTimeout');
  }));

test('a busy loop without progress is ended as stalled', () =>
  withThreads({ workers: 1 }, async (executor) => {
    const { death } = await survive(executor, faults([[{ do: 'block' }]], { stallMs: 100 }));
    assert.equal([death?.category, death?.number], ['stalled', 0]);
  }));

test('answers that are out survive the death of their worker', () =>
  withThreads({ workers: 1 }, async (executor) => {
    const early: number[] = [];
    const group = faults([[{ do: 'wait', ms: 30 }], [{ do: 'wait', ms: 30 }], [{ do: 'block' }], [good]], { timeoutMs: 1_000 });
    const { replies, death } = await tell(executor, group, { onReply: (reply) => early.push(reply.number) });
    assert.equal([...replies.keys()], [0, 1]);
    assert.equal(early, [0, 1]);
    assert.is(death?.number, 2);
  }));

for (const fault of ['reject-late', 'throw-late'] as const) {
  test(`a failure that nobody awaits hits its own group and no neighbour: ${fault}`, () =>
    withThreads({ workers: 2 }, async (executor) => {
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

test('a failure that nobody awaits takes the answers of its turn with it, and leaves earlier ones', () =>
  withThreads({ workers: 1 }, async (executor) => {
    const { replies, death } = await survive(
      executor,
      faults([[{ do: 'wait', ms: 5 }], [good], [{ do: 'reject-late' }], [good]]),
    );
    // Whether the second shares the third's turn depends on how long it took.
    assert.ok(replies.has(0) && !replies.has(2) && !replies.has(3), [...replies.keys()].join(' '));
    assert.is(death?.category, 'exit');
  }));

test('a failure long after its group ends an idle worker, is logged, and hits nobody', () =>
  withThreads({ workers: 1 }, async (executor) => {
    const logged = new Promise<Line>((resolve) => {
      void tell(executor, faults([[{ do: 'throw-after', ms: 30 }]]), { onLine: resolve });
    });
    const { level, facts, message } = await logged;
    assert.equal([level, message], ['error', 'a worker died without a group in hand']);
    assert.match(JSON.stringify(facts), 'long after its group');
    assert.equal((await only(executor, faults([[good]]))).output, '[1]');
  }));

test('sets up once per worker and distinct settings, and tears down at the end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-setup-'));
  const file = join(folder, 'witness');
  try {
    await withThreads({ workers: 1 }, async (executor) => {
      for (const mark of ['a', 'b', 'a', 'b']) {
        const reply = await only(executor, groupOf(fixture('resources'), [[1]], { settings: { file, mark } }));
        assert.match(String(decode(reply.output ?? '')), new RegExp(`^${mark}:1:`));
      }
      assert.equal(marks(await readFile(file, 'utf8')), ['setup a', 'setup b']);
    });
    assert.equal(marks(await readFile(file, 'utf8')), ['setup a', 'setup b', 'teardown a', 'teardown b']);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('tears down in each worker', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-setup-'));
  const file = join(folder, 'witness');
  try {
    await withThreads({ workers: 2 }, async (executor) => {
      const group = groupOf(fixture('resources'), [[1]], { settings: { file, mark: 'a' } });
      // A worker starts only when it is needed: these two need both.
      await Promise.all([
        tell(executor, faults([[{ do: 'wait', ms: 300 }]])),
        tell(executor, faults([[{ do: 'wait', ms: 300 }]])),
      ]);
      await Promise.all(Array.from({ length: 20 }, () => tell(executor, group)));
    });
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    const of = (word: string): string[] => lines.filter((line) => line.startsWith(word)).map((line) => line.split(' ')[2] ?? '');
    assert.equal(of('teardown').sort(), of('setup').sort());
    assert.is(new Set(of('setup')).size, of('setup').length);
  } finally {
    await rm(folder, { recursive: true });
  }
});

for (const fresh of [false, true]) {
  const name = fresh ? 'a fresh group has a worker of its own' : 'a worker is put away after so many batches';
  test(`${name}, and its resources are torn down`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-setup-'));
    const file = join(folder, 'witness');
    try {
      await withThreads({ workers: 1, ...(!fresh && { recycle: { batches: 4 } }) }, async (executor) => {
        const group = groupOf(fixture('resources'), [[1], [2]], { settings: { file, mark: 'a' } });
        for (const time of [1, 2, 3]) {
          const asked = fresh && time === 2 ? { ...group, fresh } : group;
          assert.is((await tell(executor, asked)).replies.size, 2);
        }
        const expected = fresh ? ['setup a', 'setup a', 'teardown a'] : ['setup a', 'teardown a', 'setup a'];
        assert.equal(marks(await readFile(file, 'utf8')), expected);
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

test('a worker is put away when its memory passes the mark, and its answers are there', () =>
  withThreads({ workers: 1, recycle: { memoryMb: 16 } }, async (executor) => {
    const large: Fault = { do: 'return', value: 'x'.repeat(20 * 1024 * 1024) };
    for (let time = 0; time < 2; time++) assert.is((await tell(executor, faults([[large], [good]]))).replies.size, 2);
  }));

test('a late failure of a fresh group hits it, since it is held until its loop is quiet', () =>
  withThreads({ workers: 1 }, async (executor) => {
    const { replies, death } = await tell(executor, { ...faults([[{ do: 'throw-after', ms: 40 }]]), fresh: true });
    assert.is(replies.size, 0);
    assert.equal([death?.category, death?.number], ['exit', 0]);
  }));

test('a set-up that fails fails each batch with its error, and is tried again', () =>
  withThreads({ workers: 1 }, async (executor) => {
    const broken = groupOf(fixture('resources'), [[1], [2]], { settings: { file: '/nowhere', mark: 'a', failing: true } });
    for (let time = 0; time < 2; time++) {
      const { replies, death } = await tell(executor, broken);
      assert.is(death, undefined);
      assert.equal(
        [...replies.values()].map(({ error }) => [error?.category, error?.message]),
        Array(2).fill(['error', 'no resource today']),
      );
    }
  }));

test('workers see the named variables and no others', async () => {
  process.env.MILLRACE_TEST_NAMED = 'seen';
  process.env.MILLRACE_TEST_SECRET = 'not seen';
  try {
    await withThreads({ workers: 1, env: ['MILLRACE_TEST_NAMED', 'MILLRACE_TEST_ABSENT'] }, async (executor) => {
      const names = ['MILLRACE_TEST_NAMED', 'MILLRACE_TEST_SECRET', 'PATH', 'MILLRACE_TEST_ABSENT'];
      const reply = await only(executor, faults([names.map((name): Fault => ({ do: 'env', name }))]));
      assert.equal(decode(reply.output ?? ''), ['seen', null, null, null]);
    });
  } finally {
    delete process.env.MILLRACE_TEST_NAMED;
    delete process.env.MILLRACE_TEST_SECRET;
  }
});

test('ends a thread that does not follow its signal', () =>
  withThreads({ workers: 1 }, async (executor) => {
    const abort = new AbortController();
    const group = faults([[{ do: 'wait', ms: 30 }], [{ do: 'block' }]]);
    const { replies, death } = await tell(executor, group, {
      signal: abort.signal,
      onReply: () => abort.abort(new Error('stop')),
    });
    assert.equal([...replies.keys()], [0]);
    assert.is(death?.givenUp, true);
    assert.equal((await only(executor, faults([[good]]))).output, '[1]');
  }));

test('refuses functions of the host', () =>
  withThreads({ workers: 1 }, async (executor) => {
    const { source } = defineWork({ each: (value: number) => value });
    const reply = await only(executor, groupOf(source, [[1]]));
    assert.is(reply.error?.code, 'WORK_MODULE');
    await executor.load(source).then(unexpected, (error: Error) => assert.match(error.message, 'inline'));
  }));

test('more groups than workers wait their turn', () =>
  withThreads({ workers: 2 }, async (executor) => {
    const runs = Array.from({ length: 9 }, (_, index) =>
      only(
        executor,
        faults([
          [
            { do: 'wait', ms: 5 },
            { do: 'return', value: index },
          ],
        ]),
      ),
    );
    assert.equal(
      (await Promise.all(runs)).map(({ output }) => output),
      Array.from({ length: 9 }, (_, index) => `[5,${index}]`),
    );
  }));

test('close gives up what runs, leaves no worker behind, and takes no more work', async () => {
  const before = threadHandles();
  const executor = threads({ workers: 2 });
  const begun: (() => void)[] = [];
  const bothBegan = Promise.all([0, 1].map(() => new Promise<void>((resolve) => begun.push(resolve))));
  const onReply = (): void => begun.pop()?.();
  const blocked = tell(executor, faults([[{ do: 'wait', ms: 30 }], [{ do: 'block' }]]), { onReply });
  const waiting = tell(executor, faults([[{ do: 'wait', ms: 30 }], [{ do: 'hang' }]]), { onReply });
  const queued = tell(executor, faults([[good]]));
  await bothBegan;
  await executor.close();
  for (const { death } of await Promise.all([blocked, waiting, queued])) assert.is(death?.givenUp, true);
  assert.is(threadHandles(), before);
  await tell(executor, faults([[good]])).then(unexpected, (error: { code: string }) => assert.is(error.code, 'ENGINE_CLOSED'));
  await executor.close();
});

test('an executor that was never used closes at once', async () => {
  await threads({ workers: 'auto' }).close();
});

test('refuses impossible options by name', () => {
  assert.throws(() => threads({ workers: 0 }), /workers must be a whole number/);
  assert.throws(() => threads({ workers: 1, workerMemoryMb: 1 }), /workerMemoryMb must be/);
  assert.throws(() => threads({ workers: 1, env: [''] }), /env must be/);
  assert.throws(() => threads({ workers: 1, env: ['NODE_OPTIONS'] }), /env must be/);
});

test.run();

function unexpected(): never {
  return assert.unreachable('it should have been refused') as never;
}

function marks(text: string): string[] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.split(' ').slice(0, 2).join(' '));
}

/** Threads and ports that keep this process alive. */
function threadHandles(): number {
  return process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort/.test(name)).length;
}
