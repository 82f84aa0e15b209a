import * as assert from 'uvu/assert';
import { createEngine } from '../../src/create-engine.ts';
import { policyNames } from '../../src/model/check-job-definition.ts';
import { byCount, byRange } from '../../src/model/chunkers.ts';
import { errorInfo } from '../../src/model/error-info.ts';
import { defineJob } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { checkPrototype } from '../security/support.ts';
import { openWorld } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';
import { byCountSizes, byRangeOptions, engineOptions, jobOptions, startOptions, unknownOptions } from './options.ts';
import type { OddValue } from './values.ts';

const test = suite('corpus: options');

const work = defineWork({ each: (item: number) => item });
const base = { name: 'base', source: () => [1], chunk: byCount(1) };
const job = defineJob(work, base);

/** An object with one option, which may lie deeper: `retry.backoff.base`. */
function withOption(path: string, value: unknown): Record<string, unknown> {
  const [head = '', ...rest] = path.split('.');
  return Object.fromEntries([[head, rest.length === 0 ? value : withOption(rest.join('.'), value)]]);
}

async function refusalOf(attempt: () => unknown): Promise<{ readonly code: string | undefined; readonly message: string }> {
  try {
    await attempt();
    return { code: 'accepted', message: '' };
  } catch (thrown) {
    const { code, message } = errorInfo(thrown);
    return { code, message };
  }
}

async function refusesAll(
  table: Readonly<Record<string, readonly OddValue[]>>,
  attempt: (options: object) => unknown,
): Promise<void> {
  for (const [option, values] of Object.entries(table)) {
    for (const { name, make } of values) {
      const { code, message } = await refusalOf(() => attempt(withOption(option, make())));
      // A proxy that throws when it is asked what it is: its own error is as good an answer.
      if (message === 'a trap') continue;
      assert.is(code, 'INVALID_OPTION', `${option}: ${name}: ${message}`);
      assert.match(message, option.split('.').at(-1) ?? '', name);
    }
  }
  for (const option of unknownOptions) {
    const { code, message } = await refusalOf(() => attempt(withOption(option, 1)));
    assert.is(code, 'INVALID_OPTION', `${option}: ${message}`);
  }
  checkPrototype('options');
}

const counted = (table: Readonly<Record<string, readonly OddValue[]>>): number =>
  Object.values(table).reduce((sum, { length }) => sum + length, unknownOptions.length);

test('of a session have no policy that the corpus does not know', () => {
  for (const table of [jobOptions, startOptions]) {
    assert.equal(
      Object.keys(policyNames).filter((name) => table[name] === undefined),
      [],
    );
  }
});

test(`defineJob refuses ${counted(jobOptions)} wrong values by their option`, () =>
  refusesAll(jobOptions, (options) => defineJob(work, { ...base, ...options } as never)));

test(`createEngine refuses ${counted(engineOptions)} wrong values by their option`, () =>
  refusesAll(engineOptions, async (options) => {
    const engine = await createEngine(options);
    await engine.close();
  }));

test(`start refuses ${counted(startOptions)} wrong values by their option, and records nothing`, async () => {
  const { engine, store } = await openWorld([job]);
  await refusesAll(startOptions, (options) => engine.start(job, null, options));
  assert.is((await store.listSessions({ limit: 1 })).length, 0);
  await engine.close();
});

test(`byRange refuses ${counted(byRangeOptions)} wrong values by their option`, () =>
  refusesAll(byRangeOptions, (options) => byRange({ key: () => 1, ...options })));

test(`byCount refuses ${byCountSizes.length} sizes`, async () => {
  for (const { name, make } of byCountSizes) {
    assert.is((await refusalOf(() => byCount(make() as number))).code, 'INVALID_OPTION', name);
  }
});

test('what is no object of options at all is refused', async () => {
  const { engine } = await openWorld([job]);
  for (const value of [null, 1, 'options', [], true, Symbol('options')]) {
    for (const attempt of [
      () => createEngine(value as never),
      () => defineJob(work, value as never),
      () => engine.start(job, null, value as never),
      () => byRange(value as never),
    ]) {
      const { code } = await refusalOf(attempt);
      assert.ok(code === 'INVALID_OPTION', `${String(value)}: ${code} ${attempt}`);
    }
  }
  await engine.close();
});

test.run();
