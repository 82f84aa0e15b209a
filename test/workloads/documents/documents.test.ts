import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import * as assert from 'uvu/assert';
import { createEngine } from '../../../src/index.ts';
import { checkJob } from '../../../src/testing.ts';
import { documentsJob } from '../../../src/workloads/documents/documents-job.ts';
import { planOptions } from '../../../src/workloads/documents/options.ts';
import { documentsJobs, runDocuments } from '../../../src/workloads/documents/run-documents.ts';
import { lookAt } from '../../../src/workloads/documents/seen-file.ts';
import { referenceSentences } from '../../support/documents-reference.ts';
import { missingData, sharedData } from '../../support/shared-data.ts';
import { suite } from '../../support/suite.ts';
import { type TestPage, writePdf } from '../../support/write-pdf.ts';
import { readDocuments, sentencesIn } from './documents-world.ts';

const test = suite('documents');

/** Runs a test on files of its own. */
async function withFiles<T>(
  files: Readonly<Record<string, Uint8Array | string>>,
  act: (paths: string[], folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-pdf-'));
  try {
    const paths = Object.entries(files).map(([name, bytes]) => {
      writeFileSync(join(folder, name), bytes);
      return join(folder, name);
    });
    return await act(paths, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const story: readonly TestPage[] = [
  'One sentence. Another one that goes',
  'on here and there',
  null,
  'and ends here. It has "quotes."',
  'but these are no end, and then',
  'broken',
  'the page before is lost. Next',
  'Upper case begins anew',
];

/** What can be read of a page. */
const textOf = (page: TestPage): string | undefined => (page === 'broken' ? undefined : (page ?? ''));

test('sentences go on over the ends of pages, over empty ones too, and never over one that failed', async () => {
  await withFiles({ 'story.pdf': writePdf(story) }, async (paths) => {
    const { files, reports } = await readDocuments(paths);
    const lines = sentencesIn(files['sentences.jsonl']);
    assert.equal(
      lines.map(({ page, endPage, text }) => [page, endPage, text]),
      [
        [1, 1, 'One sentence.'],
        [1, 4, 'Another one that goes on here and there and ends here.'],
        [4, 4, 'It has "quotes."'],
        [5, 5, 'but these are no end, and then'],
        [7, 7, 'the page before is lost.'],
        [7, 7, 'Next'],
        [8, 8, 'Upper case begins anew'],
      ],
    );
    assert.equal(
      lines.map(({ tokens }) => tokens),
      lines.map(({ text }) => countTokens(text)),
    );
    assert.is(
      files['pages.tsv'],
      'page\tstatus\tsentences\twords\tchars\n1\tok\t2\t6\t35\n2\tok\t0\t4\t17\n3\tempty\t0\t0\t0\n4\tok\t1\t6\t31\n' +
        '5\tok\t1\t7\t30\n6\tpage_error\t0\t0\t0\n7\tok\t2\t6\t29\n8\tok\t1\t4\t22\n',
    );
    const tokens = lines.reduce((sum, line) => sum + line.tokens, 0);
    const result = { pages: 8, failedPages: [6], sentences: 7, tokens, status: 'partial' };
    assert.equal(JSON.parse(files['result.json'] ?? ''), result);
    assert.is(reports[0]?.status, 'partial');
  });
});

test('random documents have the sentences of one plain loop, whatever the chunks', async () => {
  const page = fc.constantFrom<TestPage>(
    null,
    'broken',
    'End. open',
    'goes on',
    'goes on and ends. New',
    'Upper open',
    'closed.',
  );
  const engine = await createEngine({ jobs: [...documentsJobs], executor: 'inline' });
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(page, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 5 }), async (pages, size) => {
        fc.pre(pages.some((one) => one !== 'broken'));
        await withFiles({ 'random.pdf': writePdf(pages) }, async ([file = '']) => {
          const input = { file: await lookAt(file), pages: pages.length, plan: planOptions({ pagesPerChunk: size }), out: null };
          const session = await engine.start(documentsJob, input, { executor: 'inline' });
          assert.is((await session.outcome()).status, 'completed');
          const expected = referenceSentences(pages.map(textOf));
          assert.is((await session.result()).sentences, expected.length);
        });
      }),
      { numRuns: 40 },
    );
  } finally {
    await engine.close();
  }
});

test('checkJob holds the job to its law, with a page that fails among the pages', async () => {
  await withFiles({ 'story.pdf': writePdf(story) }, async ([file = '']) => {
    const input = { file: await lookAt(file), pages: story.length, plan: planOptions({ pagesPerChunk: 1 }), out: null };
    const checked = await checkJob(documentsJob, [input], { cuts: 60, runs: 0 });
    assert.is(checked.cuts, 60);
  });
});

test('what cannot be opened fails alone, with a code, and has files that say so', async () => {
  const files = {
    'good.pdf': writePdf(['Fine.']),
    'empty.pdf': '',
    'text.pdf': 'no PDF',
    'cut.pdf': writePdf(['Lost.']).slice(0, 90),
  };
  await withFiles(files, async (paths, folder) => {
    const { reports, files: written } = await readDocuments([...paths, join(folder, 'absent.pdf'), folder]);
    assert.equal(
      reports.map(({ status, code }) => [status, code]),
      [
        ['completed', undefined],
        ['failed', 'invalid_pdf'],
        ['failed', 'invalid_pdf'],
        ['failed', 'invalid_pdf'],
        ['failed', 'file_missing'],
        ['failed', 'file_missing'],
      ],
    );
    const failed = { pages: 0, failedPages: [], sentences: 0, tokens: 0, status: 'failed', code: 'invalid_pdf' };
    assert.equal(JSON.parse(written['text/result.json'] ?? ''), failed);
    assert.is(written['text/sentences.jsonl'], '');
    assert.is(sentencesIn(written['good/sentences.jsonl'])[0]?.text, 'Fine.');
  });
});

test('files of the same name have folders of their own', async () => {
  await withFiles({ 'one.pdf': writePdf(['One.']), 'one.PDF': writePdf(['Two.']) }, async (paths) => {
    const { files } = await readDocuments(paths);
    const texts = ['one', 'one-2'].map((name) => sentencesIn(files[`${name}/sentences.jsonl`])[0]?.text);
    assert.equal(texts.sort(), ['One.', 'Two.']);
  });
});

test('a document that lacks a page has failed where partial results are forbidden', async () => {
  await withFiles({ 'story.pdf': writePdf(story) }, async (paths) => {
    const { reports, files } = await readDocuments(paths, { partial: 'forbid' });
    assert.equal([reports[0]?.status, reports[0]?.code], ['failed', 'session_failed']);
    assert.is(files['sentences.jsonl'], '');
  });
});

test('a document without any page that can be read has failed', async () => {
  await withFiles({ 'gone.pdf': writePdf(['broken', 'broken']) }, async (paths) => {
    const { reports } = await readDocuments(paths);
    assert.equal([reports[0]?.status, reports[0]?.code, reports[0]?.failedPages], ['failed', 'page_error', [1, 2]]);
  });
});

test('what was read is not read again, unless the file has changed or it is asked for', async () => {
  await withFiles({ 'story.pdf': writePdf(['First.']) }, async (paths, folder) => {
    const out = join(folder, 'out');
    const engine = await createEngine({ jobs: [...documentsJobs], executor: 'inline' });
    const read = async (fresh = false) => {
      const [report] = await runDocuments(engine, { files: paths, out, options: { executor: 'inline', fresh } });
      return report?.sessionId;
    };
    try {
      const first = await read();
      assert.is(await read(), first);
      assert.is.not(await read(true), first);
      writeFileSync(paths[0] ?? '', writePdf(['Second, and longer.']));
      const last = await read();
      assert.is.not(last, first);
      rmSync(join(out, 'sentences.jsonl'));
      assert.is.not(await read(), last);
    } finally {
      await engine.close();
    }
  });
});

test('one huge word, tokens that look special and text without end are read in bounded time', async () => {
  const pages = [`${'a'.repeat(60_000)} end.`, 'What is <|endoftext|> here?', 'no end '.repeat(15_000)];
  await withFiles({ 'hostile.pdf': writePdf(pages) }, async (paths) => {
    const { reports, files } = await readDocuments(paths);
    assert.is(reports[0]?.status, 'completed');
    const lines = sentencesIn(files['sentences.jsonl']);
    assert.ok(lines.some(({ text }) => text === 'What is <|endoftext|> here?'));
    assert.is(lines.at(-1)?.text.length, 15_000 * 7 - 1);
  });
});

test('a count of pages that is a lie fails as a whole, or page by page, in bounded memory', async () => {
  const honest = Buffer.from(writePdf(['Real.'])).toString('latin1');
  const files = { 'lie.pdf': Buffer.from(honest.replace('/Count 1', '/Count 99999999'), 'latin1') };
  await withFiles(files, async (paths) => {
    const { reports } = await readDocuments(paths);
    assert.ok(reports[0]?.status === 'failed' || reports[0]?.pages === 1, JSON.stringify(reports));
  });
});

test('pages that are their own parents end', async () => {
  const text = Buffer.from(writePdf(['Round.']))
    .toString('latin1')
    .replace('/Kids [4 0 R]', '/Kids [2 0 R]');
  await withFiles({ 'round.pdf': Buffer.from(text, 'latin1') }, async (paths) => {
    const { reports } = await readDocuments(paths);
    assert.is(reports.length, 1);
    assert.is(reports[0]?.status, 'failed');
  });
});

const bad = sharedData('pdf/bad/needs-password.pdf');

test.unless(missingData('pdf/bad'), 'an encrypted document is opened by its password, and by no other', async () => {
  const statusWith = async (password: string | undefined) => {
    if (password !== undefined) process.env.MILLRACE_PDF_PASSWORD = password;
    try {
      const { reports } = await readDocuments([bad]);
      return [reports[0]?.status, reports[0]?.code, reports[0]?.pages];
    } finally {
      delete process.env.MILLRACE_PDF_PASSWORD;
    }
  };
  assert.equal(await statusWith(undefined), ['failed', 'password_required', 0]);
  assert.equal(await statusWith('wrong'), ['failed', 'password_required', 0]);
  assert.equal(await statusWith('secret'), ['completed', undefined, 16]);
});

test.run();
