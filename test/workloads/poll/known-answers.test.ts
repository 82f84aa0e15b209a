import * as assert from 'uvu/assert';
import type { ExecutorName } from '../../../src/model/job.ts';
import { type PollJobOptions, pollJob } from '../../../src/workloads/poll/poll-job.ts';
import { type ReferenceFlight, referenceRun } from '../../support/poll-reference.ts';
import { missingData, sharedData } from '../../support/shared-data.ts';
import { suite } from '../../support/suite.ts';
import { pollWorld } from './poll-world.ts';

const test = suite('polls of a partner');
const patience = { timeoutMs: 60_000 };
const source = sharedData('partner-logs');
const missing = missingData('partner-logs/polls.jsonl');

/** Which states hold a task, for how long, and how many executions that must make. */
const rules: readonly (readonly [executions: number, options: PollJobOptions, ended: readonly string[], windowS: number])[] = [
  [461, { states: ['queued', 'processing'] }, [], 300],
  [244, {}, ['completed'], 300],
  [130, { window: '36500d', states: ['queued', 'processing', 'completed', 'dlq'] }, ['completed', 'dlq'], 3e9],
];

for (const [executions, options, ended, windowS] of rules) {
  test.unless(
    missing,
    `make ${executions} executions of 477 listings, and the same tasks as by the plainest rule`,
    async () => {
      using world = pollWorld();
      const { stats, ...report } = await world.run({ source }, { job: pollJob(options) });
      const expected = referenceRun(source, ended, windowS);
      assert.equal(report, { taken: 24, known: 0, failures: 0 });
      assert.equal([stats.listed, stats.invalid, stats.distinctTasks], [477, 3, 130]);
      assert.is(stats.enqueued, executions);
      const { listed, invalid, duplicates, longestChain } = expected;
      assert.equal(
        [stats.listed, stats.invalid, stats.enqueued, stats.duplicatesSkipped, stats.longestChain],
        [listed, invalid, expected.executions, duplicates, longestChain],
      );
      assert.equal([stats.completed, stats.dlq], [105, { error: 3, permanent: 22 }]);
      assert.is(world.rows('out/executions.tsv').length, executions);
      assert.is(new Set(world.rows('out/executions.tsv').map(([, id]) => id)).size, executions, 'an id for each execution');

      const rows = world.rows('out/tasks.tsv');
      assert.equal(
        rows.map(([id]) => id),
        [...expected.tasks.keys()].sort(),
      );
      for (const [id = '', status, error, ...measured] of rows) {
        const task = expected.tasks.get(id);
        assert.equal([status, error], [task?.status, task?.error], id);
        if (task?.flight) compare(id, measured.map(Number), task.flight);
        else assert.is(measured.join(''), '', id);
      }
    },
    patience,
  );
}

function compare(id: string, measured: readonly number[], flight: ReferenceFlight): void {
  const [fixes, badFixes, durationS, distanceM = Number.NaN, maxGnssAltM, ...box] = measured;
  assert.equal(
    [fixes, badFixes, durationS, maxGnssAltM],
    [flight.fixes, flight.badFixes, flight.durationS, flight.maxGnssAltM],
    id,
  );
  // Written to the millimetre.
  assert.ok(Math.abs(distanceM - flight.distanceM) <= flight.distanceM / 1e6 + 0.0006, `${id}: ${distanceM} ${flight.distanceM}`);
  for (const [index, degrees] of flight.box.entries()) assert.ok(Math.abs((box[index] ?? Number.NaN) - degrees) <= 6e-7, id);
}

for (const executor of ['threads', 'processes'] satisfies ExecutorName[]) {
  test.unless(
    missing,
    `give the same bytes with any number of workers (${executor})`,
    async () => {
      using world = pollWorld();
      await world.run({ source, out: world.path('one by one') });
      for (const workers of [1, 2, 4]) {
        await world.run({ source }, { executor, workers });
        assert.ok(world.read('out/tasks.tsv') === world.read('one by one/tasks.tsv'), `${workers} workers`);
      }
    },
    patience,
  );
}

test.run();
