import { checkFunction, checkOptionNames } from './check-option-names.ts';
import { InvalidOptionError } from './errors.ts';
import type { JobDefinition } from './job.ts';

/**
 * Lets a session use again what earlier sessions of the job have computed: a range of the input (a chunk of `byRange`, or a slice)
 * whose contents did not change is not run, it completes with the output that was kept.
 *
 * So an output may depend on nothing but the contents of its chunk, its overlap included, and on `settings`: not on the chunk's
 * number, its item's positions, the time, or anything that is read elsewhere. Bump `version` when the work changes.
 * What is kept is told by the job's name and version, the settings, the chunker, the series, the range, and a hash of the contents.
 * Kept is what a batch completed in one piece, with nothing given up; the newest output of a range takes the place of the one before.
 */
export interface IncrementalPolicy<in Input> {
  /** Whose ranges these are: a natural key that stays from session to session, such as a user. Null: this session is not incremental. */
  series: (input: Input) => string | null;
  /** All of the input that outputs depend on besides the contents of a chunk: what the codec can encode. @default the job's settings */
  settings?: (input: Input) => unknown;
}

/** The same for jobs whose slices are read by workers: only they know what is in them. */
export interface IncrementalSlicesPolicy<in Input, in Slice> extends IncrementalPolicy<Input> {
  /** A slice's name in its series, and a hash of all that its output depends on. Pure. Undefined: this slice is always run. */
  part: (slice: Slice) => SlicePart | undefined;
}

/** What a slice is found by. */
export interface SlicePart {
  /** Stays the same from session to session, such as a day; at most 1,000 characters. */
  readonly range: string;
  /** Changes with every change of contents that may change the output: a hash of 128 bits or more. */
  readonly content: string;
}

/** The policy of a job whose types are not known any more. */
export interface AnyIncrementalPolicy {
  readonly series: (input: unknown) => string | null;
  readonly settings?: (input: unknown) => unknown;
  readonly part?: (slice: unknown) => SlicePart | undefined;
}

const names = { series: true, settings: true, part: true } as const satisfies Record<keyof AnyIncrementalPolicy, true>;

/** Refuses an impossible policy, naming the option. */
export function checkIncremental({ name, incremental, slices, chunk }: JobDefinition): void {
  if (incremental === undefined) return;
  const where = `${name}: incremental`;
  checkOptionNames(incremental, where, names);
  if (typeof incremental.series !== 'function') throw new InvalidOptionError(`${where}.series`, incremental.series, 'a function');
  checkFunction(incremental.settings, `${where}.settings`);
  if (slices) {
    if (typeof incremental.part !== 'function') throw new InvalidOptionError(`${where}.part`, incremental.part, 'a function');
    return;
  }
  if (incremental.part !== undefined) throw new InvalidOptionError(`${where}.part`, incremental.part, 'used with slices');
  if (chunk?.description.startsWith('range:') !== true) {
    throw new InvalidOptionError(where, chunk?.description, 'used with byRange or slices: other chunks are no ranges that stay');
  }
}
