import * as assert from 'uvu/assert';
import type { Engine } from '../../src/engine/api/api.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { decode, encode } from '../../src/model/codec.ts';
import { errorInfo } from '../../src/model/error-info.ts';
import { type AnyJob, defineJob } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { checkPrototype } from '../security/support.ts';
import { suite } from '../support/suite.ts';
import { withEngine } from './executors.ts';
import { thrown } from './thrown.ts';
import { encodable, type OddValue, refused } from './values.ts';

/** What a host's own functions throw and return, and what it gives as input: the host goes on, and the next session is as ever. */
const test = suite('corpus: callbacks, inputs and results');

type Callback = 'source' | 'combine' | 'finalize' | 'key' | 'fingerprint' | 'metadata' | 'settings' | 'itemId' | 'classify';

/** What is called next; a test puts the odd thing here. */
let act: () => unknown = () => undefined;

function jobWith(callback: Callback): AnyJob {
  const called = { [callback]: () => act() };
  const options = {
    name: `odd-${callback}`,
    source: () => [1, 2, 3],
    chunk: byCount(1),
    combine: (left: number, right: number) => left + right,
    retry: { attempts: 1, ...(callback === 'classify' && called) },
    ...(callback !== 'classify' && called),
  };
  const work = defineWork({
    each: (item: number): number => {
      if (callback === 'classify' && item === 2) throw new Error('judge me');
      return item;
    },
  });
  return defineJob(work as never, options as never) as unknown as AnyJob;
}

const healthy = defineJob(defineWork({ each: (item: number) => item * 2 }), {
  name: 'healthy',
  source: () => [1, 2, 3],
  chunk: byCount(1),
  combine: (left, right) => left + right,
});

/** Runs to whatever end there is; a start that is refused is one. Answers its status, or the code of its error. */
async function endOf(engine: Engine, job: AnyJob, input: unknown): Promise<string> {
  try {
    const session = await engine.start(job as never, input as never);
    const { status, error } = await session.outcome();
    return status === 'completed' ? status : `${status} ${error?.code}`;
  } catch (error) {
    return `refused ${errorInfo(error).code ?? 'with what was thrown'}`;
  }
}

/** What must come of a callback that throws. */
const ends: Readonly<Record<Callback, RegExp>> = {
  source: /^failed SOURCE_FAILED$/,
  combine: /^failed COMBINE_FAILED$/,
  finalize: /^failed FINALIZE_FAILED$/,
  key: /^refused /,
  fingerprint: /^refused /,
  metadata: /^refused /,
  settings: /^refused /,
  itemId: /^completed$/,
  classify: /^completed$/,
};

const light = (values: readonly OddValue[]): readonly OddValue[] =>
  values.filter(({ name }) => !/more than|30,000|megabyte/.test(name));

for (const [callback, expected] of Object.entries(ends) as [Callback, RegExp][]) {
  const job = jobWith(callback);
  test(`${callback} that throws ${light(thrown).length} things ends its own session, and no other`, () =>
    withEngine([job, healthy], 'inline', async (engine) => {
      for (const { name, make } of light(thrown)) {
        act = () => {
          throw make();
        };
        assert.match(await endOf(engine, job, 1), expected, name);
      }
      assert.is((await engine.run(healthy, null)).result, 12);
      checkPrototype(callback);
    }));
}

for (const callback of ['finalize', 'settings', 'metadata'] as const) {
  const job = jobWith(callback);
  test(`${callback} that returns what can't be stored is refused by name, and what can be is kept`, () =>
    withEngine([job, healthy], 'inline', async (engine) => {
      for (const { name, make } of light(refused)) {
        act = make;
        assert.match(await endOf(engine, job, 1), /NOT_ENCODABLE|FINALIZE_FAILED|with what was thrown/, name);
      }
      for (const { name, make } of light(encodable)) {
        act = make;
        // Facts about a run are an object, and settings a value of any kind.
        assert.is(await endOf(engine, job, 1), 'completed', name);
      }
      assert.is((await engine.run(healthy, null)).result, 12);
      checkPrototype(callback);
    }));
}

for (const callback of ['key', 'fingerprint', 'itemId'] as const) {
  const job = jobWith(callback);
  test(`${callback} that gives no text, or an odd one, is refused or taken as it is`, () =>
    withEngine([job, healthy], 'inline', async (engine) => {
      for (const { name, make } of light([...encodable, ...refused])) {
        act = make;
        const isText = typeof make() === 'string' && make() !== '';
        // A fingerprint may be a promise: what throws when it is asked for `then` is what was thrown.
        const expected = callback === 'itemId' || isText ? /^completed$/ : /^refused (INVALID_OPTION|with what was thrown)$/;
        assert.match(await endOf(engine, job, 1), expected, name);
      }
      assert.is((await engine.run(healthy, null)).result, 12);
    }));
}

test('an input is stored as it is, or refused by name', () =>
  withEngine([healthy], 'inline', async (engine) => {
    for (const { name, make } of light(refused)) {
      assert.match(await endOf(engine, healthy, make()), /^refused (NOT_ENCODABLE|with what was thrown)$/, name);
    }
    for (const { name, make } of light(encodable)) {
      assert.is(await endOf(engine, healthy, make()), 'completed', name);
      assert.is(typeof decode(encode(make())), typeof make());
    }
    checkPrototype('inputs');
  }));

test.run();
