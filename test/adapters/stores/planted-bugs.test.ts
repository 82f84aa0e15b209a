import * as assert from 'uvu/assert';
import { memory } from '../../../src/adapters/stores/memory.ts';
import { reasonToSkip, runStoreCase, storeCases } from '../../../src/conformance.ts';
import { suite } from '../../support/suite.ts';
import { buggyStore } from './plant-bug.ts';
import { plantedBugs } from './planted-bugs.ts';
import { plantedCacheBugs } from './planted-cache-bugs.ts';
import { plantedDedupeBugs } from './planted-dedupe-bugs.ts';
import { plantedLimitBugs } from './planted-limit-bugs.ts';
import { plantedScheduleBugs } from './planted-schedule-bugs.ts';
import { plantedSearchBugs } from './planted-search-bugs.ts';

const test = suite('the conformance suite');

const cases = storeCases.filter((storeCase) => reasonToSkip(storeCase, memory()) === undefined);

for (const [bug, plant] of Object.entries({
  ...plantedBugs,
  ...plantedScheduleBugs,
  ...plantedSearchBugs,
  ...plantedDedupeBugs,
  ...plantedLimitBugs,
  ...plantedCacheBugs,
})) {
  test(`finds a store that ${bug}`, async () => {
    const failed: string[] = [];
    for (const storeCase of cases) {
      const site = {
        create: (clock: Parameters<typeof buggyStore>[1]) => buggyStore(plant, clock),
        remove: async () => undefined,
      };
      await runStoreCase(storeCase, () => site).catch(() => failed.push(storeCase.name));
      if (failed.length > 0) return;
    }
    assert.unreachable('no case failed');
  });
}

test('has a name of its own for each case', () => {
  assert.is(new Set(storeCases.map(({ name }) => name)).size, storeCases.length);
  assert.ok(storeCases.length >= 150);
});

test.run();
