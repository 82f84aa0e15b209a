import { open } from 'node:fs/promises';
import { byCount, defineJob, workModule } from 'millrace';
import type work from './word-count.work.ts';

/** Counts the words of a file: `millrace run word-count.ts --input '{"file":"big.txt"}'`. */
export const wordCount = defineJob(workModule<typeof work>(new URL('./word-count.work.ts', import.meta.url)), {
  name: 'word-count',
  source: linesOf,
  chunk: byCount(500),
  combine: (left, right) => left + right,
  finalize: ({ combined, counts }) => ({ words: combined ?? 0, lines: counts.items.completed }),
});

async function* linesOf({ file }: { file: string }) {
  const handle = await open(file);
  yield* handle.readLines();
}
