import * as assert from 'uvu/assert';
import { newSession } from '../../src/adapters/conformance/scene.ts';
import { threads } from '../../src/adapters/executors/threads.ts';
import { loadWork } from '../../src/adapters/worker/load-work.ts';
import { byCount } from '../../src/model/chunkers.ts';
import type { MillraceError } from '../../src/model/errors.ts';
import { defineJob } from '../../src/model/job.ts';
import type { Store } from '../../src/model/store.ts';
import { defineWork, workModule } from '../../src/model/work.ts';
import { openWorld } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';
import { storeKinds, withStore } from './support.ts';

/** Peers load the module that a row names: then whoever writes a row runs code. Here a row names a job, and code names the module. */
const test = suite('a row chooses no code');

const poison = 'globalThis.millraceLoaded = true; export default {}';

/** Ways to say a module, and names that every object knows. */
const hostile: readonly string[] = [
  'node:child_process',
  'child_process',
  'fs',
  'piscina',
  `data:text/javascript,${encodeURIComponent(poison)}`,
  'http://127.0.0.1:9/evil.mjs',
  'https://example.invalid/evil.mjs',
  'file:///tmp/evil.mjs',
  '/tmp/evil.mjs',
  './evil.mjs',
  '../../evil.mjs',
  '..%2f..%2fevil.mjs',
  'C:\\evil.mjs',
  '\\\\host\\share\\evil.mjs',
  'double\n',
  'DOUBLE',
  ' double',
  'double ',
  'double.default',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  'x'.repeat(1_000),
];

function double(name: string) {
  return defineJob(defineWork({ each: (item: number) => item * 2 }), {
    name,
    source: (input: number[]) => input,
    chunk: byCount(1),
    finalize: async ({ outputs }) => {
      const all: number[] = [];
      for await (const output of outputs) all.push(output);
      return all;
    },
  });
}

/** Records sessions as a host would have that died before it began with them. */
async function leave(store: Store, names: readonly string[]): Promise<void> {
  for (const [index, job] of names.entries()) {
    await store.createSession(newSession(index + 1, { job, key: `key-${index}`, input: '[1,2]', coordinator: null }));
  }
}

const codeOf = (work: () => unknown): Promise<unknown> =>
  Promise.resolve()
    .then(work)
    .then(
      () => 'no error',
      ({ code }: MillraceError) => code,
    );

for (const [name, make] of storeKinds) {
  test(`${name}: sessions of jobs that are not registered stay pending and are reported, whatever the name`, () =>
    withStore(make, async (store) => {
      await leave(store, hostile);
      const before = await store.listSessions({ limit: 100 });
      const { engine, lines } = await openWorld([double('double')], { store });
      const { resumed, refused } = await engine.resume();
      assert.is(resumed.length, 0);
      assert.equal(refused.map(({ session }) => session.job).sort(), [...hostile].sort());
      assert.ok(refused.every(({ error }) => error.code === 'JOB_NOT_REGISTERED'));
      assert.is(lines.filter(({ message }) => message === 'session not resumed').length, hostile.length);
      await engine.close();
      assert.equal(await store.listSessions({ limit: 100 }), before);
      assert.ok(before.every(({ state }) => state === 'pending'));
      assert.is((globalThis as { millraceLoaded?: unknown }).millraceLoaded, undefined);
    }));

  test(`${name}: a job that was renamed does not get the sessions of its old name; under the old name they go on`, () =>
    withStore(make, async (store) => {
      await leave(store, ['double']);
      const renamed = await openWorld([double('twice')], { store });
      assert.equal((await renamed.engine.resume()).refused.length, 1);
      assert.is(await renamed.engine.find(double('twice'), { key: 'key-0' }), undefined);
      await renamed.engine.close();
      assert.is((await store.listSessions({ limit: 1 }))[0]?.state, 'pending');
    }));

  test(`${name}: two hosts with different jobs each take on their own sessions`, () =>
    withStore(make, async (store) => {
      const first = double('first');
      const second = double('second');
      for (const job of [first, second, first]) {
        const { engine } = await openWorld([job], { store });
        const session = await engine.start(job, [1, 2], { key: `left by ${job.name}` });
        await session.pause();
        await engine.close({ grace: 0 });
      }
      const hosts = await Promise.all([first, second].map((job) => openWorld([job], { store })));
      for (const [index, { engine }] of hosts.entries()) {
        const job = index === 0 ? first : second;
        const { resumed, refused } = await engine.resume();
        assert.ok(refused.every(({ session, error }) => session.job !== job.name && error.code === 'JOB_NOT_REGISTERED'));
        const outcomes = await Promise.all(
          resumed.map(async (session) => {
            await session.unpause();
            return session.outcome();
          }),
        );
        assert.equal(
          outcomes.map(({ result }) => result),
          resumed.map(() => [2, 4]),
        );
        assert.ok(resumed.length > 0);
      }
      for (const { engine } of hosts) await engine.close();
      assert.ok((await store.listSessions({ limit: 10 })).every(({ state }) => state === 'completed'));
    }));
}

test('a job is started by what is registered under its name, not by what the caller brings along', async () => {
  const { engine } = await openWorld([double('double')]);
  for (const name of hostile) {
    assert.is(await codeOf(() => engine.start({ ...double('double'), name }, [1])), 'JOB_NOT_REGISTERED', name);
  }
  await engine.close();
});

test('no job can be defined under a name that says a module or leads out of a folder', async () => {
  for (const name of hostile.filter((one) => !/^[A-Za-z][A-Za-z0-9._-]{0,63}$/.test(one))) {
    assert.is(await codeOf(() => double(name)), 'INVALID_OPTION', name);
  }
});

test('a work module is a file, for who defines it and for who loads it', async () => {
  const noFiles = hostile.filter((one) => !/^(file:|[/\\]|[A-Za-z]:\\)/.test(one));
  for (const url of noFiles) {
    assert.is(await codeOf(() => workModule(url)), 'INVALID_OPTION', url);
    assert.is(await codeOf(() => loadWork({ type: 'module', url })), 'WORK_MODULE', url);
  }
  for (const url of ['http://127.0.0.1:9/x.mjs', 'data:text/javascript,1', 'node:fs']) {
    assert.is(await codeOf(() => workModule(new URL(url))), 'INVALID_OPTION', url);
  }
  assert.is((globalThis as { millraceLoaded?: unknown }).millraceLoaded, undefined);
});

test('a worker thread loads nothing but files, and its host refuses the session', async () => {
  const executor = threads({ workers: 1 });
  for (const url of [
    'node:child_process',
    `data:text/javascript,${encodeURIComponent(poison)}`,
    'piscina',
    'http://127.0.0.1:9/x',
  ]) {
    assert.is(await codeOf(() => executor.load({ type: 'module', url })), 'WORK_MODULE', url);
  }
  await executor.close();
});

test('a work module that can not be loaded is refused at the start, and nothing is recorded', async () => {
  const job = defineJob(
    workModule<never>('/nowhere/at-all.work.js') as never,
    { name: 'gone', source: () => [1], chunk: byCount(1) } as never,
  );
  const { engine, store } = await openWorld([job]);
  assert.is(await codeOf(() => engine.start(job as never, null as never)), 'WORK_MODULE');
  assert.is((await store.listSessions({ limit: 1 })).length, 0);
  await engine.close();
});

test.run();
