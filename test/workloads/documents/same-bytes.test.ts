import * as assert from 'uvu/assert';
import { missingData, sharedData } from '../../support/shared-data.ts';
import { suite } from '../../support/suite.ts';
import { readDocuments, type Way } from './documents-world.ts';

const test = suite('documents, same bytes');

const ways: readonly Way[] = [
  ...[1, 7, 30, 1000].map((pagesPerChunk) => ({ pagesPerChunk, executor: 'inline' as const })),
  { pagesPerChunk: 7, executor: 'threads', workers: 2 },
  { pagesPerChunk: 1, executor: 'threads', workers: 4 },
  { pagesPerChunk: 30, executor: 'processes', workers: 1 },
  { pagesPerChunk: 1, executor: 'processes', workers: 2 },
  { pagesPerChunk: 1000, executor: 'processes', workers: 2 },
  { pagesPerChunk: 7, executor: 'processes', workers: 4 },
];

test.unless(
  missingData('pdf'),
  'sentences, pages and results are the same for every chunk size, number of workers and executor, damaged pages included',
  async () => {
    const names = ['mpich-install.pdf', 'bad/damaged-page-40-stream-50.pdf', 'bad/truncated.pdf', 'bad/needs-password.pdf'];
    const files = names.map((name) => sharedData(`pdf/${name}`));
    const expected = (await readDocuments(files)).files;
    assert.is(Object.keys(expected).length, 12);
    for (const way of ways) {
      const { files: written } = await readDocuments(files, way);
      for (const [name, text] of Object.entries(expected)) assert.is(written[name], text, `${name}, ${JSON.stringify(way)}`);
    }
  },
  { timeoutMs: 120_000 },
);

test.run();
