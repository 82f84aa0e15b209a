import { TextDecoder } from 'node:util';
import { maxLineBytes } from '../history.ts';
import type { FormatReader } from './format-reader.ts';

/** What a reader of a format of lines is told. */
export interface TextLines {
  /** A line without its line end. */
  line(text: string, number: number): void;
  /** A line of more than 64 KB, which is not held. */
  tooLong(): void;
}

const newline = 10;

/** Reads text line by line, in memory for one line. */
export function createLineSplitter({ line, tooLong }: TextLines): FormatReader {
  const decoder = new TextDecoder();
  let held = Buffer.alloc(0);
  let number = 0;
  let isLong = false;
  const take = (bytes: Uint8Array): void => {
    if (isLong || bytes.length > maxLineBytes) tooLong();
    else line(decoder.decode(bytes).replace(/\r$/, ''), number);
    number++;
    isLong = false;
  };
  return {
    write(bytes) {
      const all = Buffer.concat([held, bytes]);
      let from = 0;
      for (let end = all.indexOf(newline); end >= 0; end = all.indexOf(newline, from)) {
        take(all.subarray(from, end));
        from = end + 1;
      }
      held = all.subarray(from);
      if (held.length <= maxLineBytes) return;
      isLong = true;
      held = Buffer.alloc(0);
    },
    end() {
      if (held.length > 0 || isLong) take(held);
    },
  };
}
