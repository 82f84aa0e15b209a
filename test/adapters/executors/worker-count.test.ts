import * as assert from 'uvu/assert';
import { workersAuto } from '../../../src/adapters/executors/worker-count.ts';
import { suite } from '../../support/suite.ts';

const test = suite('workersAuto');
const gigabyte = 1024 ** 3;

test('takes one worker per core', () => {
  assert.is(workersAuto({ cpus: 8, freeMemory: 16 * gigabyte, env: {} }), 8);
});

test('takes no more workers than free memory holds at 200 MB each', () => {
  assert.is(workersAuto({ cpus: 8, freeMemory: 1 * gigabyte, env: {} }), 5);
});

test('takes at least one worker', () => {
  assert.is(workersAuto({ cpus: 8, freeMemory: 0, env: {} }), 1);
});

test('takes the number of MILLRACE_WORKERS instead, when it is set', () => {
  assert.is(workersAuto({ cpus: 8, freeMemory: 0, env: { MILLRACE_WORKERS: '12' } }), 12);
  assert.is(workersAuto({ cpus: 8, freeMemory: 16 * gigabyte, env: { MILLRACE_WORKERS: '' } }), 8);
});

test('refuses a MILLRACE_WORKERS that is no number of workers', () => {
  for (const MILLRACE_WORKERS of ['0', '-1', '1.5', 'many', '1e3', '99999', ' 2']) {
    assert.throws(() => workersAuto({ cpus: 2, freeMemory: 0, env: { MILLRACE_WORKERS } }), /MILLRACE_WORKERS must be/);
  }
});

test.run();
