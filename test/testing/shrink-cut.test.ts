import * as assert from 'uvu/assert';
import { type Cut, shrinkCut } from '../../src/testing/shrink-cut.ts';
import { suite } from '../support/suite.ts';

const test = suite('shrinking a cut');

const within = (cut: Cut, breaks: (cut: Cut) => boolean): Promise<Cut> => shrinkCut(cut, async (candidate) => breaks(candidate));

test('leaves away what is not needed at either end', async () => {
  const breaks = ({ from, at, to }: Cut): boolean => from <= 40 && at === 41 && to >= 43;
  assert.equal(await within({ from: 0, at: 41, to: 100_000 }, breaks), { from: 40, at: 41, to: 43 });
});

test('finds the shortest cut also where it lies on one side', async () => {
  const breaks = ({ from, to }: Cut): boolean => from === 7 && to === 9;
  const first = { from: 0, at: 12, to: 20 };
  assert.equal(await within(first, (cut) => cut.to - cut.from >= 20 || breaks(cut)), { from: 7, at: 8, to: 9 });
});

test('keeps a cut that nothing smaller stands for, and comes to an end', async () => {
  const first = { from: 0, at: 500, to: 1_000 };
  let tries = 0;
  const smallest = await within(first, () => {
    tries++;
    return false;
  });
  assert.equal(smallest, first);
  assert.ok(tries <= 1_000);
});

test.run();
