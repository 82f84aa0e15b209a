import { closeSync, openSync, readSync } from 'node:fs';
import type { Line } from './history.ts';

/** Reads a history while it is written. */
export interface HistoryTail {
  /** All whole lines so far. */
  lines(): readonly Line[];
}

const page = 1 << 20;

export function followHistory(path: string): HistoryTail {
  const lines: Line[] = [];
  const buffer = Buffer.alloc(page);
  let offset = 0;
  let rest = '';
  const readOn = (): void => {
    const file = openSync(path, 'r');
    try {
      for (let read = page; read === page; offset += read) {
        read = readSync(file, buffer, 0, page, offset);
        const texts = (rest + buffer.toString('latin1', 0, read)).split('\n');
        rest = texts.pop() ?? '';
        for (const text of texts) lines.push(JSON.parse(text) as Line);
      }
    } finally {
      closeSync(file);
    }
  };
  return {
    lines() {
      readOn();
      return lines;
    },
  };
}
