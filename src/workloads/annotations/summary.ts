import type { Alignment, RefusalCode } from './format/codes.ts';

const countNames = [
  'lines',
  'blank',
  'accepted',
  'refused',
  'batches',
  'denotations',
  'blocks',
  'relations',
  'attributes',
] as const;

/** What became of lines: `lines = blank + accepted + refused`. What annotations there are is counted over accepted records. */
export type LineCounts = { readonly [Name in (typeof countNames)[number]]: number };

/** `summary.json`: what became of every line. */
export interface AnnotationsSummary extends LineCounts {
  /** Refused lines per code; only codes that occur. */
  readonly codes: Readonly<Partial<Record<RefusalCode, number>>>;
  /** Accepted records per way of alignment. */
  readonly alignments: Readonly<Partial<Record<Alignment, number>>>;
  readonly files: readonly (LineCounts & { readonly file: string })[];
  /** The references: documents, those whose name came again (the last one counts), and lines that are none. */
  readonly references: { readonly documents: number; readonly replaced: number; readonly refused: number };
}

/** Counts while lines are written. */
export interface Tally {
  readonly total: { -readonly [Name in keyof LineCounts]: number };
  readonly files: { -readonly [Name in keyof LineCounts]: number }[];
  readonly codes: Map<RefusalCode, number>;
  readonly alignments: Map<Alignment, number>;
}

/** A tally of nothing yet, for so many files. */
export function emptyTally(files: number): Tally {
  const none = () => Object.fromEntries(countNames.map((name) => [name, 0])) as Tally['total'];
  return { total: none(), files: Array.from({ length: files }, none), codes: new Map(), alignments: new Map() };
}

/** Adds to a file's counts and to the total. */
export function count(tally: Tally, file: number, name: keyof LineCounts, by = 1): void {
  tally.total[name] += by;
  (tally.files[file] as Tally['total'])[name] += by;
}

/** Adds one to the counts of a code, or of an alignment. */
export function countOne<Name>(counts: Map<Name, number>, name: Name): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** The tally as it is told. */
export function summaryOf(
  tally: Tally,
  parts: readonly { readonly name: string }[],
  references: AnnotationsSummary['references'],
): AnnotationsSummary {
  return {
    ...tally.total,
    codes: sorted(tally.codes),
    alignments: sorted(tally.alignments),
    references,
    files: tally.files.map((counts, file) => ({ file: parts[file]?.name ?? '', ...counts })),
  };
}

function sorted<Name extends string>(counts: ReadonlyMap<Name, number>): Partial<Record<Name, number>> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))) as Partial<Record<Name, number>>;
}
