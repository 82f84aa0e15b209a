import { readdirSync } from 'node:fs';
import { posix } from 'node:path';
import * as assert from 'uvu/assert';
import { createProject, type Project, type Ran } from '../package/packed-package.ts';
import { blocksOf, filesOnPage, type PageBlock } from '../package/page-blocks.ts';
import { suite } from '../support/suite.ts';

const test = suite('snippets of the pages');
const long = { timeoutMs: 60_000 };

const docs = readdirSync(new URL('../../docs/', import.meta.url)).filter((name) => name.endsWith('.md'));
const pages = ['README.md', ...docs.map((name) => `docs/${name}`)].filter((page) => blocksOf(page).length > 0);

/** A page's files in a folder of its own; every page may use the work that the README shows. */
function folderOf(page: string): string {
  return posix.basename(page, '.md').toLowerCase();
}

let made: { readonly project: Project; readonly compiled: Ran } | undefined;

/** One project for all pages, compiled once. */
function openPages(): { readonly project: Project; readonly compiled: Ran } {
  if (made) return made;
  const project = createProject('pages', {
    packages: ['tsx', 'libsql', '@hyzyla/pdfium', 'gpt-tokenizer'],
    compilerOptions: { noEmit: true, allowImportingTsExtensions: true, exactOptionalPropertyTypes: true, skipLibCheck: true },
  });
  const { 'word-count.work.ts': wordCountWork = '' } = filesOnPage('README.md');
  for (const page of pages) {
    for (const [file, code] of Object.entries({ 'word-count.work.ts': wordCountWork, ...filesOnPage(page) })) {
      project.write({ [`${folderOf(page)}/${file}`]: code });
    }
  }
  made = { project, compiled: project.tsc() };
  return made;
}

/** What a block says that it prints. */
interface Printing {
  readonly file: string;
  readonly prints: string;
}

function isPrinting(block: PageBlock): block is PageBlock & Printing {
  return block.file !== undefined && block.prints !== undefined;
}

for (const page of pages) {
  test(`${page}: every block of TypeScript names its file`, () => {
    const nameless = blocksOf(page).filter(({ file }) => file === undefined);
    assert.equal(
      nameless.map(({ line }) => `${page}:${line}`),
      [],
    );
  });

  test(
    `${page}: its TypeScript compiles, strictly, against the packed package`,
    () => {
      const { stdout } = openPages().compiled;
      assert.is(
        stdout
          .split('\n')
          .filter((line) => line.startsWith(`${folderOf(page)}/`))
          .join('\n'),
        '',
      );
    },
    long,
  );

  for (const { file, prints } of blocksOf(page).filter(isPrinting)) {
    test(
      `${page}: ${file} prints what stands below it`,
      () => {
        const ran = openPages().project.node(['--import', 'tsx', file], folderOf(page));
        assert.is(ran.stdout, prints, ran.stderr);
        assert.is(ran.status, 0, ran.stderr);
      },
      long,
    );
  }
}

test(
  'the compiler has nothing to say outside the pages',
  () => {
    const { stdout, stderr } = openPages().compiled;
    const ours = pages.map((page) => `${folderOf(page)}/`);
    const others = `${stdout}${stderr}`
      .split('\n')
      .filter((line) => line !== '' && !ours.some((folder) => line.startsWith(folder)));
    assert.equal(others, []);
  },
  long,
);

test.run();
