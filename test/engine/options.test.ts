import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import { createEngine } from '../../src/create-engine.ts';
import type { StartOptions } from '../../src/engine/api/options.ts';
import { byCount, byRange, type RangeOptions } from '../../src/model/chunkers.ts';
import { InvalidOptionError } from '../../src/model/errors.ts';
import { type AnyJob, defineJob } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { openWorld } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';

const test = suite('options');

const work = defineWork({ each: (item: number) => item });
const base = { name: 'same', source: (items: readonly number[]) => items, chunk: byCount(2) };
const job = defineJob(work, base);
/** Without a type: what a host in JavaScript, or one that reads its options from a file, may hand in. */
const define = defineJob as unknown as (of: typeof work, options: unknown) => AnyJob;

/** The message of the refusal: it begins with the option's name. */
async function refusalOf(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    assert.instance(error, InvalidOptionError, String(error));
    assert.is((error as InvalidOptionError).code, 'INVALID_OPTION');
    return (error as InvalidOptionError).message;
  }
  return 'nothing was refused';
}

type Table = readonly (readonly [option: string, options: unknown])[];

const engineTable: Table = [
  ['createEngine: options', null],
  ['createEngine: options', 'x'],
  ['createEngine: foo', { foo: 1 }],
  ['jobs', { jobs: 5 }],
  ['jobs', { jobs: null }],
  ['jobs[0]', { jobs: [{}] }],
  ['jobs[1]', { jobs: [job, 'same'] }],
  ['store', { store: {} }],
  ['store', { store: 'runs.db' }],
  ['store', { store: null }],
  ['store', { store: { ...memory(), listCoordinated: undefined } }],
  ['executor', { executor: 'cluster' }],
  ['workers', { workers: 0 }],
  ['workers', { workers: 1_025 }],
  ['workers', { workers: '2' }],
  ['workers', { workers: null }],
  ['env', { env: 'PATH' }],
  ['env', { env: null }],
  ['env', { env: [1] }],
  ['resume', { resume: 'x' }],
  ['resume', { resume: null }],
  ['lease', { lease: 10 }],
  ['lease', { lease: 'soon' }],
  ['grace', { grace: -1 }],
  ['logger.debug', { logger: {} }],
  ['logger.child', { logger: console }],
  ['logger', { logger: console.log }],
  ['notify', { notify: 'me' }],
  ['alerts', { alerts: {} }],
  ['alerts: often', { notify: () => undefined, alerts: { often: true } }],
  ['alerts.every', { notify: () => undefined, alerts: { every: 10 } }],
  ['crashRateAlert', { notify: () => undefined, alerts: { crashRateAlert: 5 } }],
  ['waitingAlert', { notify: () => undefined, alerts: { waitingAlert: 'long' } }],
  ['workerMemoryMb', { workerMemoryMb: 1 }],
  ['workerMemoryMb', { workerMemoryMb: '512' }],
];
for (const [option, options] of engineTable) {
  test(`createEngine refuses ${JSON.stringify(options) ?? 'undefined'}, naming ${option}`, async () => {
    assert.match(await refusalOf(() => createEngine(options as never)), new RegExp(`^${escaped(option)} must be `));
  });
}

const policyTable: Table = [
  ['retry: options', { retry: 3 }],
  ['retry: times', { retry: { times: 3 } }],
  ['retry.attempts', { retry: { attempts: 0 } }],
  ['retry.attempts', { retry: { attempts: '3' } }],
  ['retry.classify', { retry: { classify: 'retry' } }],
  ['retry.backoff: options', { retry: { backoff: '1s' } }],
  ['retry.backoff: min', { retry: { backoff: { min: 1 } } }],
  ['retry.backoff.type', { retry: { backoff: { type: 'linear' } } }],
  ['retry.backoff.base', { retry: { backoff: { base: 'soon' } } }],
  ['retry.backoff.max', { retry: { backoff: { max: -1 } } }],
  ['retry.backoff.jitter', { retry: { backoff: { jitter: 1 } } }],
  ['timeout', { timeout: 0 }],
  ['itemTimeout', { itemTimeout: 'x' }],
  ['stall', { stall: null }],
  ['partial', { partial: true }],
  ['executor', { executor: 'cluster' }],
  ['concurrency', { concurrency: 0 }],
  ['onDuplicate', { onDuplicate: 'merge' }],
];

const startTable: Table = [
  ...policyTable,
  ['start: options', null],
  ['start: nonsense', { nonsense: 1 }],
  ['start: name', { name: 'other' }],
  ['priority', { priority: 0.5 }],
  ['priority', { priority: 1_001 }],
  ['key', { key: 5 }],
  ['key', { key: '' }],
  ['key', { key: null }],
  ['signal', { signal: {} }],
  ['signal', { signal: new AbortController() }],
];
for (const [option, options] of startTable) {
  test(`a start refuses ${JSON.stringify(options)}, naming ${option}, and records nothing`, async () => {
    const { engine } = await openWorld([job]);
    const refusal = await refusalOf(() => engine.start(job, [1], options as StartOptions));
    assert.match(refusal, new RegExp(`^${escaped(option)} must be `));
    for await (const view of engine.sessions()) assert.unreachable(view.id);
    await engine.close();
  });
}

const jobTable: Table = [
  ...policyTable.map(([option, options]) => [option, { ...base, ...(options as object) }] as const),
  ['nonsense', { ...base, nonsense: 1 }],
  ['retries', { ...base, retries: 1 }],
  ['source', { ...base, source: [1] }],
  ['chunk', { ...base, chunk: 500 }],
  ...(['sourceAfter', 'itemId', 'taskId', 'combine', 'finalize', 'key', 'fingerprint', 'metadata'] as const).map(
    (name) => [name, { ...base, [name]: 'x' }] as const,
  ),
];
for (const [index, [option, options]] of jobTable.entries()) {
  test(`defineJob refuses an impossible ${option} (${index})`, async () => {
    assert.match(await refusalOf(() => define(work, options)), new RegExp(`^same: ${escaped(option)} must be `));
  });
}

test('defineJob refuses a name or version that is none', async () => {
  assert.match(await refusalOf(() => define(work, { ...base, name: '' })), /^name must be /);
  assert.match(await refusalOf(() => define(work, { ...base, version: 1 })), /^version must be /);
});

test('byRange refuses impossible options, naming them', async () => {
  const key = (item: number) => item;
  const table: Table = [
    ['byRange: options', undefined],
    ['byRange: length', { key, length: 1 }],
    ['byRange.key', {}],
    ['byRange.size', { key, size: 0 }],
    ['byRange.overlap', { key, overlap: 'wide' }],
  ];
  for (const [option, options] of table)
    assert.match(await refusalOf(() => byRange(options as RangeOptions<number>)), new RegExp(`^${escaped(option)} must be `));
});

test('an option that is undefined is one that was not given', async () => {
  const engine = await createEngine({ jobs: [job], store: undefined, logger: undefined, foo: undefined } as never);
  await engine.start(job, [], { key: undefined, signal: undefined, retry: undefined } as never);
  await engine.close();
});

function escaped(text: string): string {
  return text.replace(/[.[\]]/g, '\\$&');
}

test.run();
