import { defineWork, PermanentError } from 'millrace/work';

/** Counts the words of one line, in a worker. */
export default defineWork({
  each: (line: string) => {
    if (line.includes('\u0000')) throw new PermanentError('not text');
    return line.match(/\p{L}+/gu)?.length ?? 0;
  },
});
