import * as assert from 'uvu/assert';
import { referenceLines } from '../../support/annotations-reference.ts';
import { missingData, sharedData } from '../../support/shared-data.ts';
import { suite } from '../../support/suite.ts';
import { annotationsWorld, type How } from './annotations-world.ts';

const test = suite('annotations of real corpora');
const missing = missingData('annotations/docs.jsonl');
const of = (name: string): string => sharedData(`annotations/${name}.jsonl`);
const clean = ['bionlp-ge-2013-train', 'genetag-train', 'ncbi-disease-train'].map(of);
const patience = { timeoutMs: 120_000 };

function expected(files: readonly string[], documents: string): { readonly lines: string; readonly records: readonly unknown[] } {
  const lines = referenceLines(files, documents);
  const row = (one: (typeof lines)[number]): string =>
    [one.file, one.line, one.status, one.code, one.items, one.alignment, one.sha1].join('\t');
  return {
    lines: `file\tline\tstatus\tcode\titems\talignment\tsha1\n${lines.map((one) => `${row(one)}\n`).join('')}`,
    records: lines.flatMap(({ record }) => (record === undefined ? [] : [record])),
  };
}

function records(text: string): unknown[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test.unless(
  missing,
  'the three clean corpora come out as an independent implementation has them, in batches as the original cuts them',
  async () => {
    using world = annotationsWorld();
    const report = await world.run({ files: clean, references: of('docs') }, { executor: 'threads' });
    if (report.status !== 'completed') throw new Error(report.status);
    const { lines, accepted, denotations, blocks, relations, attributes, files } = report.summary;
    assert.equal([lines, accepted, denotations, blocks, relations, attributes], [8315, 8315, 20033, 0, 3745, 5709]);
    assert.equal(
      files.map(({ batches }) => batches),
      [9, 25, 21],
    );
    const right = expected(clean, of('docs'));
    assert.ok(world.read('out/lines.tsv') === right.lines, 'lines.tsv');
    assert.equal(records(world.read('out/annotations.jsonl')), right.records);
    assert.is(world.read('out/batches.tsv').trimEnd().split('\n').length, 56);
    assert.equal(JSON.parse(world.read('out/summary.json')), report.summary);
  },
  patience,
);

test.unless(
  missing,
  'each line of a messy file is accepted or refused for its reason',
  async () => {
    using world = annotationsWorld();
    const report = await world.run({ files: [of('messy')], references: of('messy.docs') });
    if (report.status !== 'completed') throw new Error(report.status);
    const { lines, accepted, blank, refused, codes } = report.summary;
    assert.equal([lines, accepted, blank, refused, Object.keys(codes).length], [62, 35, 2, 25, 12]);
    const right = expected([of('messy')], of('messy.docs'));
    assert.is(world.read('out/lines.tsv'), right.lines);
    assert.equal(records(world.read('out/annotations.jsonl')), right.records);
  },
  patience,
);

test.unless(
  missing,
  'batch sizes, workers and executors change no byte',
  async () => {
    using world = annotationsWorld();
    const files = [of('messy'), of('bionlp-ge-2013-train'), of('ncbi-disease-train')];
    const ways: readonly (How & { readonly batchItems?: number })[] = [
      { executor: 'inline' },
      { executor: 'inline', batchItems: 1 },
      { executor: 'inline', batchItems: 1_000_000 },
      { executor: 'threads', workers: 1, batchItems: 37 },
      { executor: 'threads', workers: 2, batchItems: 1 },
      { executor: 'threads', workers: 4 },
      { executor: 'processes', workers: 2, batchItems: 1_700 },
    ];
    for (const [place, { batchItems = 500, ...how }] of ways.entries()) {
      await world.run({ files, references: of('docs'), out: world.path(`${place}`), options: { batchItems } }, how);
      for (const name of ['annotations.jsonl', 'lines.tsv']) {
        assert.ok(world.read(`${place}/${name}`) === world.read(`0/${name}`), `${name} ${JSON.stringify(ways[place])}`);
      }
    }
  },
  patience,
);

test.run();
