import * as assert from 'uvu/assert';
import { inline } from '../../src/adapters/executors/inline.ts';
import { threads } from '../../src/adapters/executors/threads.ts';
import { createEngine } from '../../src/create-engine.ts';
import { byCount, byRange } from '../../src/model/chunkers.ts';
import { decode, encode } from '../../src/model/codec.ts';
import type { MillraceError } from '../../src/model/errors.ts';
import { defineJob } from '../../src/model/job.ts';
import { workModule } from '../../src/model/work.ts';
import type work from '../fixtures/pollution.work.ts';
import { collect, openWorld } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';
import { checkPrototype, storeKinds, withStore } from './support.ts';

const test = suite('no payload changes what objects inherit');

const names = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'toJSON',
  'then',
  '__defineGetter__',
];

/** An object that has these names of its own, as JSON.parse makes it; and the classic attacks on deep merges. */
const evil: unknown = JSON.parse(
  `{${names.map((name) => `"${name}":{"polluted":"${name}"}`).join()},"constructor":{"prototype":{"polluted":1}},"list":[{"__proto__":{"polluted":1}}]}`,
);

const job = defineJob(workModule<typeof work>(new URL('../fixtures/pollution.work.ts', import.meta.url)), {
  name: 'pollution',
  source: (input: { items: unknown[] }) => input.items,
  chunk: byCount(2),
  settings: () => evil,
  metadata: () => evil as Record<string, unknown>,
  itemId: () => '__proto__',
  retry: { attempts: 1 },
  finalize: async ({ outputs, counters }) => ({ outputs: await collect(outputs), counters: Object.entries(counters) }),
});

const executors = { inline: () => inline({ slots: 1 }), threads: () => threads({ workers: 1 }) };

for (const [storeName, make] of storeKinds) {
  for (const [executorName, open] of Object.entries(executors)) {
    test(`through items, settings, metadata, outputs, counters and errors: ${storeName}, ${executorName}`, () =>
      withStore(make, async (store) => {
        const { engine } = await openWorld([job], { store, executor: executorName as 'inline', executors: open });
        const input = { items: [evil, evil, { fails: true, evil }, evil, evil], ...(evil as object) };
        const session = await engine.start(job, input, { key: '__proto__' });
        const { outputs, counters } = await session.result();
        assert.equal(
          outputs.map((output) => JSON.stringify(output)),
          Array.from({ length: 4 }, () => JSON.stringify({ item: evil, settings: evil })),
        );
        assert.equal(counters.sort(), names.map((name) => [name, 4]).sort());
        const [letter] = await collect(session.deadLetters());
        assert.is(letter?.itemId, '__proto__');
        assert.is(letter?.error.message, '__proto__');
        const [view] = await collect(engine.sessions({ job: 'pollution' }));
        assert.is(JSON.stringify(view?.metadata), JSON.stringify(evil));
        await engine.close();
        checkPrototype('the session');
      }));
  }
}

test('through the codec: such names come back as own members', () => {
  assert.is(JSON.stringify(decode(encode(evil))), JSON.stringify(evil));
  const binary = decode(encode({ ...(evil as object), bytes: new Uint8Array(2) })) as { bytes: Uint8Array };
  assert.is(Object.getPrototypeOf(binary), Object.prototype);
  checkPrototype('the codec');
});

test('through options: such names are no options', async () => {
  const options = (extra: object): never =>
    Object.assign(JSON.parse('{"__proto__":{"attempts":1,"polluted":1}}'), extra) as never;
  const base = { name: 'x', source: () => [1], chunk: byCount(1) };
  const work = workModule<typeof import('../fixtures/pollution.work.ts').default>('/x.work.js');
  const attempts: Readonly<Record<string, () => unknown>> = {
    defineJob: () => defineJob(work as never, options(base)),
    'defineJob.retry': () => defineJob(work as never, { ...base, retry: options({}) } as never),
    'defineJob.retry.backoff': () => defineJob(work as never, { ...base, retry: { backoff: options({}) } } as never),
    byRange: () => byRange(options({ key: () => 1 })),
    createEngine: () => createEngine(options({})),
    start: async () => {
      const { engine } = await openWorld([job]);
      try {
        await engine.start(job, { items: [] }, options({}));
      } finally {
        await engine.close();
      }
    },
  };
  for (const [name, attempt] of Object.entries(attempts)) {
    const error = await Promise.resolve()
      .then(attempt)
      .then(
        () => undefined,
        (thrown: MillraceError) => thrown,
      );
    assert.is(error?.code, 'INVALID_OPTION', name);
    assert.match(error?.message ?? '', '__proto__', name);
    checkPrototype(name);
  }
});

test.run();
