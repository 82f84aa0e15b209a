import * as assert from 'uvu/assert';
import { missingPdftotext, pdftotext, recall, wordsOf } from '../../support/pdftotext.ts';
import { missingData, sharedData } from '../../support/shared-data.ts';
import { suite } from '../../support/suite.ts';
import { readDocuments, type SentenceLine, sentencesIn } from './documents-world.ts';

const test = suite('documents against poppler');

const without = missingData('pdf') ?? missingPdftotext();

/** The text of each page, put together from the sentences that lie on one page alone; those on several count for the first. */
function textOfPages(lines: readonly SentenceLine[]): Map<number, string> {
  const pages = new Map<number, string>();
  for (const { page, text } of lines) pages.set(page, `${pages.get(page) ?? ''} ${text}`);
  return pages;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/** Sentences of poppler's text, page by page, with the same rule between pages in the plainest form. */
function countSentences(pages: readonly string[]): number {
  let count = 0;
  let last = '';
  for (const page of pages) {
    const text = page.replace(/\s+/g, ' ').trim();
    const cut = [...segmenter.segment(text)].map(({ segment }) => segment.trim()).filter((segment) => segment !== '');
    const [first] = cut;
    if (first === undefined) continue;
    const isOne = last !== '' && !/[.!?:][\u2019\u201d'")\]]*\s*$/.test(last) && /^\p{Ll}/u.test(first);
    count += cut.length - (isOne ? 1 : 0);
    last = cut.at(-1) ?? '';
  }
  return count;
}

for (const name of ['zsh-manual', 'mpich-user', 'mpich-install']) {
  test.unless(
    without,
    `${name}: words, characters and sentences are those of poppler`,
    async () => {
      const file = sharedData(`pdf/${name}.pdf`);
      const { files, reports } = await readDocuments([file]);
      const lines = sentencesIn(files['sentences.jsonl']);
      const expected = pdftotext(file);
      assert.is(reports[0]?.pages, expected.length);

      const all = lines.map(({ text }) => text).join(' ');
      const words = wordsOf(expected.join(' '));
      assert.ok(recall(words, wordsOf(all)) >= 0.96, `words ${recall(words, wordsOf(all))}`);
      const characters = recall([...expected.join('').replace(/\s/g, '')], [...all.replace(/\s/g, '')]);
      assert.ok(characters >= 0.99, `characters ${characters}`);

      const pages = textOfPages(lines);
      for (const [index, text] of expected.entries()) {
        const own = wordsOf(text);
        if (own.length <= 50) continue;
        // What a sentence has on the next page stands with the page where it begins, so the page before counts, too.
        const found = wordsOf(`${pages.get(index) ?? ''} ${pages.get(index + 1) ?? ''}`);
        assert.ok(recall(own, found) >= 0.85, `page ${index + 1}: ${recall(own, found)}`);
      }
      const sentences = countSentences(expected);
      assert.ok(
        Math.abs(lines.length - sentences) <= sentences * 0.02,
        `${lines.length} sentences, poppler's text has ${sentences}`,
      );
      process.stdout.write(
        `  ${name}: words ${recall(words, wordsOf(all)).toFixed(4)}, sentences ${lines.length} of ${sentences}\n`,
      );
    },
    { timeoutMs: 60_000 },
  );
}

test.unless(without, 'of a damaged document every other page is there under its own number', async () => {
  const { files, reports } = await readDocuments([sharedData('pdf/bad/damaged-page-40-stream-50.pdf')]);
  const original = pdftotext(sharedData('pdf/zsh-manual.pdf')).slice(0, 95);
  assert.is(reports[0]?.status, 'partial');
  assert.equal(reports[0]?.failedPages, [40]);
  const statuses = (files['pages.tsv'] ?? '')
    .split('\n')
    .slice(1, -1)
    .map((line) => line.split('\t')[1]);
  assert.is(statuses.length, 95);
  assert.is(statuses[39], 'page_error');
  assert.is(statuses[49], 'empty');
  assert.is(statuses.filter((status) => status === 'ok').length, 93);
  const pages = textOfPages(sentencesIn(files['sentences.jsonl']));
  for (const [index, text] of original.entries()) {
    if (index === 39 || index === 49 || wordsOf(text).length <= 50) continue;
    const found = wordsOf(`${pages.get(index) ?? ''} ${pages.get(index + 1) ?? ''}`);
    assert.ok(recall(wordsOf(text), found) >= 0.85, `page ${index + 1}`);
  }
});

test.run();
