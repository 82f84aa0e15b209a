import { execFileSync } from 'node:child_process';

/** Why nothing can be compared with poppler here; undefined when it can. */
export function missingPdftotext(): string | undefined {
  try {
    execFileSync('pdftotext', ['-v'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'pdftotext is not installed (apt-get install poppler-utils)';
  }
}

/** The text of each page, as poppler reads it. */
export function pdftotext(file: string): string[] {
  const text = execFileSync('pdftotext', ['-enc', 'UTF-8', file, '-'], { maxBuffer: 100_000_000 }).toString();
  // Each page ends with a form feed.
  return text.split('\f').slice(0, -1);
}

/** How many of the words of one text are in another, each as often as it is there: 0 to 1. */
export function recall(expected: readonly string[], found: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of found) left.set(word, (left.get(word) ?? 0) + 1);
  let hits = 0;
  for (const word of expected) {
    const count = left.get(word) ?? 0;
    if (count > 0) hits++;
    left.set(word, count - 1);
  }
  return expected.length === 0 ? 1 : hits / expected.length;
}

export function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
