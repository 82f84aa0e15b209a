import { InvalidOptionError } from '../../model/errors.ts';
import type { ExecutorName } from '../../model/job.ts';
import { type Encoding, encodings } from './count-tokens.ts';

/** Options of {@link runDocuments}. */
export interface DocumentsOptions {
  /** Pages that a worker reads at once; changes speed, never results. A whole number from 1 to 1,000,000. @default 30 */
  pagesPerChunk?: number;
  /** What tokens are counted by. @default 'o200k_base' */
  encoding?: Encoding;
  /** `'forbid'`: a document with a page that can't be read has failed. @default 'allow' */
  partial?: 'allow' | 'forbid';
  /** Where pages are read. Documents are hostile input: in a process of its own one can be killed. @default 'processes' */
  executor?: ExecutorName;
  /** Read again what an earlier run has read, and give up what it left. @default false */
  fresh?: boolean;
}

/** The options that a session depends on, complete. */
export interface DocumentsPlan {
  readonly pagesPerChunk: number;
  readonly encoding: Encoding;
  readonly partial: 'allow' | 'forbid';
}

/** Fills in the defaults. @throws InvalidOptionError naming the option. */
export function planOptions({ pagesPerChunk = 30, encoding = 'o200k_base', partial = 'allow' }: DocumentsOptions): DocumentsPlan {
  if (!Number.isInteger(pagesPerChunk) || pagesPerChunk < 1 || pagesPerChunk > 1_000_000) {
    throw new InvalidOptionError('pagesPerChunk', pagesPerChunk, 'a whole number from 1 to 1,000,000');
  }
  if (!encodings.includes(encoding)) throw new InvalidOptionError('encoding', encoding, `one of ${encodings.join(', ')}`);
  if (partial !== 'allow' && partial !== 'forbid') throw new InvalidOptionError('partial', partial, "'allow' or 'forbid'");
  return { pagesPerChunk, encoding, partial };
}
