import * as assert from 'uvu/assert';
import { watchStore } from '../../src/cli/store-watch.ts';
import { manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';

const test = suite('millrace: a store that takes nothing');

test('gives up once, after a minute without a good moment', async () => {
  const clock = manualClock();
  const given: string[] = [];
  const watch = watchStore(clock, (trouble) => given.push(trouble));
  let waitingFor: string | null = null;
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      await clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await pass(100);
  watch.look({ state: async () => ({ waitingFor }) });
  await pass(100);
  assert.is(watch.trouble, null);
  waitingFor = 'store sqlite: disk full';
  await pass(50);
  assert.is(watch.trouble, 'store sqlite: disk full');
  waitingFor = null;
  await pass(1);
  assert.is(watch.trouble, null);
  waitingFor = 'store sqlite: disk full';
  await pass(59);
  assert.equal(given, []);
  await pass(100);
  assert.equal(given, ['store sqlite: disk full']);
  watch.stop();
});

test('has all patience with a session that waits for its turn', async () => {
  const clock = manualClock();
  const watch = watchStore(clock, assert.unreachable);
  watch.look({ state: async () => ({ waitingFor: 'the rate of job asks: its next batch may start in 90.0 s' }) });
  await clock.advance(200_000);
  assert.is(watch.trouble, null);
  watch.stop();
});

test.run();
