import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writePdf } from '../test/support/write-pdf.ts';
import { inFreshProcess } from './fresh-process.ts';
import { goal } from './goal.ts';
import { compare } from './measure.ts';
import { numberOption, textOption } from './options.ts';

/** How long does a long PDF take from the file to its sentences on disk, on two workers and inline? `--file` names another one. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const given = textOption('file');
  const file = given ?? join(folder, 'pages.pdf');
  if (given === undefined) writeFileSync(file, writePdf(inventedPages(numberOption('pages', 6_000))));
  if (!existsSync(file)) throw new Error(`There is no file ${file}.`);
  const outOf = (type: string): string => join(folder, type);
  const variant = (type: string) => () => inFreshProcess('documents-variant', [type, file, outOf(type)]);
  try {
    const measured = await compare(
      `sentences.jsonl of ${given ?? 'an invented PDF'}, each in a process of its own (memory store; CPU time is the host's)`,
      { inline: variant('inline'), '2 threads': variant('threads'), '2 processes': variant('processes') },
      { rounds: numberOption('rounds', 3) },
    );
    const { inline, '2 threads': threads, '2 processes': processes } = measured;
    goal('2 processes over inline', inline.wallMs / processes.wallMs, { atLeast: 1.7 });
    goal('2 threads over inline', inline.wallMs / threads.wallMs, { atLeast: 1.7 });
    const texts = ['inline', 'threads', 'processes'].map((type) => readFileSync(join(outOf(type), 'sentences.jsonl'), 'utf8'));
    if (new Set(texts).size > 1) throw new Error('sentences.jsonl is not the same for all of them');
    console.log('reached  the sentences have the same bytes in all three');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Pages of some 3,000 characters in sentences of invented words: the same for the same number. */
function inventedPages(count: number): string[] {
  let state = 1;
  const below = (most: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % most;
  };
  const invent = (): string => Array.from({ length: 2 + below(8) }, () => 'etaoinshrdlucmfw'[below(16)]).join('');
  // As in a book, words come again: a counter of tokens that has seen a word knows it.
  const words = Array.from({ length: 5_000 }, invent);
  const word = (): string => words[below(1 + below(words.length))] ?? '';
  const sentence = (): string => {
    const text = Array.from({ length: 6 + below(14) }, word).join(' ');
    return `${text[0]?.toUpperCase()}${text.slice(1)}.`;
  };
  return Array.from({ length: count }, () => Array.from({ length: 40 }, sentence).join(' '));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await run();
