import * as assert from 'uvu/assert';
import { compileRecordDriver } from '../../src/machines/record-driver.ts';
import { batchMachine } from '../../src/machines.ts';
import { seededRandom } from '../../src/testing/random.ts';
import { suite } from '../support/suite.ts';
import { followPath, looseDriver, walkPairs } from './agreement.ts';
import { charts } from './chart-events.ts';

const test = suite('record driver');

/** Set MILLRACE_SEED to try other paths. */
const seed = Number(process.env.MILLRACE_SEED ?? 20_260_101);
const paths = 100_000;
const pathLength = 8;

for (const { name, machine, table, events, garbage, inputs } of charts) {
  test(`moves a ${name} record as an actor moves, for every pair within 12 steps`, () => {
    for (const input of inputs) assert.ok(walkPairs(machine, input, events, 12) > table.length / 2);
  });

  test(`answers garbage as an actor of the ${name} does: without throwing`, () => {
    for (const input of inputs) walkPairs(machine, input, [...events, ...garbage], 4);
  });

  test(
    `moves a ${name} record as an actor moves, on ${paths} random paths (seed ${seed})`,
    () => {
      const random = seededRandom(seed);
      const driver = looseDriver(machine);
      const all = [...events, ...events, ...garbage];
      const seen = new Set<string>();
      for (let path = 0; path < paths; path++) {
        for (const state of followPath(machine, driver, random.pick<unknown>(inputs), all, random, pathLength)) seen.add(state);
      }
      process.stdout.write(`  ${name}: ${paths} paths with seed ${seed}\n`);
      assert.equal([...seen].sort(), [...new Set(table.flatMap(({ from, to }) => [from, to]))].sort());
    },
    { timeoutMs: 60_000 },
  );
}

test('answers nothing where the chart answers nothing', () => {
  const driver = compileRecordDriver(batchMachine);
  const pending = driver.start({ maxAttempts: 3 });
  assert.is(driver.step(pending, { type: 'COMPLETE' }), undefined);
  assert.is(driver.step({ ...pending, state: 'gone' as never }, { type: 'CANCEL' }), undefined);
});

test('leaves the record it was given as it is', () => {
  const driver = compileRecordDriver(batchMachine);
  const pending = Object.freeze(driver.start({ maxAttempts: 3 }));
  Object.freeze(pending.context);
  const running = driver.step(pending, { type: 'CLAIM', at: 0 });
  assert.equal(running, { state: 'running', context: { ...pending.context, attempt: 1 } });
  assert.is(pending.context.attempt, 0);
});

test.run();
