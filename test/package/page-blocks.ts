import { readFileSync } from 'node:fs';

/** A block of TypeScript on one of our pages. */
export interface PageBlock {
  /** The name that its first line gives it: `// main.ts`. Undefined: it has none. */
  readonly file: string | undefined;
  readonly code: string;
  /** Where it begins in the page, for messages. */
  readonly line: number;
  /** What it prints, when the next block of the page is a ```text block. */
  readonly prints: string | undefined;
}

const root = new URL('../../', import.meta.url);

/** The ```ts blocks of a page, in their order. */
export function blocksOf(page: string): readonly PageBlock[] {
  const text = readFileSync(new URL(page, root), 'utf8').replaceAll('\r\n', '\n');
  const blocks: PageBlock[] = [];
  const fences = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)];
  fences.forEach(([, language, code = ''], index) => {
    if (language !== 'ts') return;
    const next = fences[index + 1];
    blocks.push({
      file: /^\/\/ (\S+\.[cm]?ts)\n/.exec(code)?.[1],
      code,
      line: text.slice(0, fences[index]?.index).split('\n').length,
      prints: next?.[1] === 'text' ? next[2] : undefined,
    });
  });
  return blocks;
}

/** The files that a page describes: blocks of one name are one file, written one after another. */
export function filesOnPage(page: string): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const { file, code } of blocksOf(page)) if (file !== undefined) files[file] = (files[file] ?? '') + code;
  return files;
}
