import * as assert from 'uvu/assert';
import { workModule } from '../../../src/model/work.ts';
import { defineAlignJob } from '../../../src/workloads/annotations/align-job.ts';
import { defineCheckJob } from '../../../src/workloads/annotations/check-job.ts';
import { suite } from '../../support/suite.ts';
import { annotationsWorld, jsonLines } from './annotations-world.ts';
import type checkPlants from './check-plants.work.ts';
import type plants from './plants.work.ts';

const test = suite('poisonous annotations');
const jobs = {
  check: defineCheckJob(workModule<typeof checkPlants>(new URL('./check-plants.work.ts', import.meta.url))),
  align: defineAlignJob(workModule<typeof plants>(new URL('./plants.work.ts', import.meta.url))),
};

const documents = Array.from({ length: 24 }, (_, number) => ({
  sourcedb: 'Demo',
  sourceid: `${number}`,
  text: `Text ${number} of p53.`,
}));

function records(projects: Readonly<Record<number, string>>): string {
  return jsonLines(
    documents.map((document, number) => ({
      ...document,
      project: projects[number] ?? 'demo',
      denotations: [{ id: 'T1', span: { begin: 0, end: 4 }, obj: 'Word' }],
    })),
  );
}

for (const [executor, place] of [
  ['threads', 0],
  ['processes', 23],
] as const) {
  test(
    `a record that ends its worker is refused as poison, alone (${executor})`,
    async () => {
      using world = annotationsWorld();
      world.write('docs.jsonl', jsonLines(documents));
      const files = [world.write('records.jsonl', records({ 7: 'killer', 21: 'thrower' }))];
      const report = await world.run({ files, options: { batchItems: 12 } }, { executor, jobs });
      if (report.status !== 'completed') throw new Error(report.status);
      const lines = world.lines();
      const wrong = [...lines.keys()].filter((line) => lines[line] !== 'accepted  1 identical');
      assert.equal(wrong, [7, 21]);
      assert.equal(
        wrong.map((line) => lines[line]),
        Array(2).fill('refused poison 1'),
      );
      assert.is(report.outcome.counts.items.failed, 2);
      assert.equal(
        report.outcome.failures.map(({ category }) => category).sort(),
        executor === 'threads' ? ['error', 'exit'] : ['error', 'signal'],
      );
    },
    { timeoutMs: 60_000 },
  );

  test(
    `a line that ends a worker while it is checked is refused as poison, alone, and the lines keep their numbers (${executor})`,
    async () => {
      using world = annotationsWorld();
      world.write('docs.jsonl', jsonLines(documents));
      const files = [world.write('records.jsonl', records({ [place]: 'check-killer' }))];
      await world.run({ files }, { executor, jobs });
      const rows = world.read('out/lines.tsv').trimEnd().split('\n').slice(1);
      assert.equal(
        rows.map((row) => Number(row.split('\t')[1])),
        documents.map((_, number) => number + 1),
      );
      assert.equal(
        [...rows.keys()].filter((line) => rows[line]?.includes('\trefused\tpoison\t')),
        [place],
      );
    },
    { timeoutMs: 60_000 },
  );
}

test.run();
