import { checkFunction, checkOptionNames } from './check-option-names.ts';
import { type Duration, durationMs } from './duration.ts';
import { InvalidOptionError, MillraceError } from './errors.ts';

declare const types: unique symbol;

/** How a job cuts its items into chunks. Made by {@link byCount}, {@link byWeight} or {@link byRange}. */
export interface Chunker<in Item> {
  /** Kind and sizes in words: a resume compares it. */
  readonly description: string;
  /** Whether a chunk's cut depends on items outside its core: then a pass must begin at the input's first item. */
  readonly looksAround: boolean;
  /** A fresh cutter whose first item has this position. Pure: the same items give the same chunks. */
  start(first?: number): Cutter;
  readonly [types]?: (item: Item) => void;
}

/** A chunk as it was cut. Positions count items from the input's first, from 0. */
export interface Cut {
  /** Position of the core's first item. */
  readonly first: number;
  readonly items: readonly unknown[];
  readonly before: readonly unknown[];
  readonly after: readonly unknown[];
  /** Where core and overlap begin and end in the chunker's key; absent when it has none. */
  readonly range?: { readonly from: number; readonly to: number; readonly overlapFrom: number; readonly overlapTo: number };
}

/** Cuts one pass over the items. */
export interface Cutter {
  /** Takes the next item and returns the chunks that it closed, in order: mostly none. */
  push(item: unknown): readonly Cut[];
  /** The input ended: returns what is left. */
  end(): readonly Cut[];
}

/**
 * Chunks of a fixed number of items.
 *
 * @param size - Items per chunk, a whole number from 1 to 1,000,000.
 */
export function byCount(size: number): Chunker<unknown> {
  if (!Number.isInteger(size) || size < 1 || size > 1_000_000) {
    throw new InvalidOptionError('byCount', size, 'a whole number of items from 1 to 1,000,000');
  }
  return { description: `count:${size}`, looksAround: false, start: (first = 0) => countCutter(size, first) };
}

const none: readonly never[] = [];

function countCutter(size: number, start: number): Cutter {
  let first = start;
  let items: unknown[] = [];
  const close = (): readonly Cut[] => {
    const cut: Cut = { first, items, before: none, after: none };
    first += items.length;
    items = [];
    return [cut];
  };
  return {
    push: (item) => (items.push(item) === size ? close() : none),
    end: () => (items.length > 0 ? close() : none),
  };
}

/** Options of {@link byWeight}. */
export interface WeightOptions<Item> {
  /** What an item weighs: a finite number, 0 or more. */
  weight: (item: Item) => number;
  /** A chunk that weighs this much takes no further item. More than 0; a function, asked for a chunk's first item, when the input says it. */
  max: number | ((item: Item) => number);
  /**
   * Neighbours for which this gives the same value stay in one chunk, however much they weigh together: so a chunk is as large as the
   * longest such row of items. @default every item may begin a chunk
   */
  together?: (item: Item) => string | number;
  /** Neighbours for which this gives different values are never in one chunk: a file, or a tenant. @default all may share one */
  apart?: (item: Item) => string | number;
}

const weightOptionNames = {
  weight: true,
  max: true,
  together: true,
  apart: true,
} as const satisfies Record<keyof WeightOptions<never>, true>;

/**
 * Chunks of about the same weight: the chunk is closed before the item that would follow the one with which it reached `max`.
 * So each chunk but the last weighs at least `max`, unless `apart` ends it earlier.
 *
 * @example
 * ```ts
 * byWeight({ weight: (page: Page) => page.words, max: 5_000, together: (page) => page.chapter, apart: (page) => page.book });
 * ```
 */
export function byWeight<Item>(options: WeightOptions<Item>): Chunker<Item> {
  checkOptionNames(options, 'byWeight', weightOptionNames);
  const { weight, max, together, apart } = options;
  if (typeof weight !== 'function') throw new InvalidOptionError('byWeight.weight', weight, 'a function');
  if (typeof max !== 'function') checkMax(max);
  checkFunction(together, 'byWeight.together');
  checkFunction(apart, 'byWeight.apart');
  const kinds = `${together ? ':together' : ''}${apart ? ':apart' : ''}`;
  const erased = options as unknown as WeightOptions<unknown>;
  return {
    description: `weight:${typeof max === 'function' ? 'asked' : max}${kinds}`,
    looksAround: false,
    start: (first = 0) => weightCutter(erased, first),
  };
}

function checkMax(max: unknown): number {
  if (typeof max === 'number' && Number.isFinite(max) && max > 0) return max;
  throw new InvalidOptionError('byWeight.max', max, 'a finite number above 0');
}

function weightCutter({ weight, max, together, apart }: WeightOptions<unknown>, start: number): Cutter {
  let first = start;
  let items: unknown[] = [];
  let sum = 0;
  let full = typeof max === 'function' ? 0 : max;
  let last: unknown;
  const close = (): readonly Cut[] => {
    if (items.length === 0) return none;
    const cut: Cut = { first, items, before: none, after: none };
    first += items.length;
    items = [];
    sum = 0;
    return [cut];
  };
  const ends = (item: unknown): boolean =>
    items.length > 0 &&
    ((apart !== undefined && apart(item) !== apart(last)) ||
      (sum >= full && (together === undefined || together(item) !== together(last))));
  return {
    push(item) {
      const weighs = weight(item);
      if (!Number.isFinite(weighs) || weighs < 0) {
        throw new InvalidOptionError(`byWeight.weight(item ${first + items.length})`, weighs, 'a finite number, 0 or more');
      }
      const closed = ends(item) ? close() : none;
      if (items.length === 0 && typeof max === 'function') full = checkMax(max(item));
      items.push(item);
      sum += weighs;
      last = item;
      return closed;
    },
    end: close,
  };
}

/** Options of {@link byRange}. */
export interface RangeOptions<Item> {
  /** The item's place on the axis that is cut, ascending over the source: often a time in epoch milliseconds. */
  key: (item: Item) => number;
  /** Length of a chunk's core, in the key's unit; a duration means milliseconds. More than 0. @default '1d' */
  size?: Duration;
  /** How far a chunk looks beyond its core on either side, clipped to the whole range. At least 0. @default '6h' */
  overlap?: Duration;
}

const rangeOptionNames = { key: true, size: true, overlap: true } as const satisfies Record<keyof RangeOptions<never>, true>;

/**
 * Chunks of a fixed range of the key: half-open cores `[n * size, (n + 1) * size)`, anchored at 0 and never at the first item.
 * Ranges without an item give no chunk.
 *
 * The source must be in key order; an item that goes back fails the session with `SOURCE_NOT_ORDERED`.
 */
export function byRange<Item>(options: RangeOptions<Item>): Chunker<Item> {
  checkOptionNames(options, 'byRange', rangeOptionNames);
  if (typeof options.key !== 'function') throw new InvalidOptionError('byRange.key', options.key, 'a function');
  const { size: sizeGiven = '1d', overlap: overlapGiven = '6h' } = options;
  const size = durationMs(sizeGiven, 'byRange.size');
  if (size <= 0) throw new InvalidOptionError('byRange.size', options.size, 'more than 0');
  const overlap = durationMs(overlapGiven, 'byRange.overlap');
  const key = options.key as (item: unknown) => number;
  return { description: `range:${size}:${overlap}`, looksAround: true, start: () => rangeCutter(key, size, overlap) };
}

interface Keyed {
  readonly key: number;
  readonly item: unknown;
}

interface OpenRange {
  readonly index: number;
  readonly first: number;
  readonly items: Keyed[];
}

/**
 * Holds the items of the open range, of closed ranges that still wait for what follows them (`after`),
 * and as far back as the next range may look (`before`). No more: memory follows the ranges' size, not the input's.
 */
function rangeCutter(keyOf: (item: unknown) => number, size: number, overlap: number): Cutter {
  let count = 0;
  let last = Number.NEGATIVE_INFINITY;
  let firstKey = Number.NaN;
  let recent: Keyed[] = [];
  let open: OpenRange[] = [];

  const cut = (range: OpenRange): Cut => {
    const from = range.index * size;
    const to = (range.index + 1) * size;
    return {
      first: range.first,
      items: range.items.map(itemOf),
      before: recent.filter(({ key }) => key >= from - overlap && key < from).map(itemOf),
      after: recent.filter(({ key }) => key >= to && key < to + overlap).map(itemOf),
      range: { from, to, overlapFrom: Math.max(from - overlap, firstKey), overlapTo: Math.min(to + overlap, last) },
    };
  };

  const closeBefore = (key: number): readonly Cut[] => {
    const closed: Cut[] = [];
    while (open[0] && (open[0].index + 1) * size + overlap <= key) closed.push(cut(open.shift() as OpenRange));
    if (closed.length > 0) {
      const keepFrom = (open[0]?.index ?? rangeOf(key, size)) * size - overlap;
      recent = recent.filter((held) => held.key >= keepFrom);
    }
    return closed;
  };

  return {
    push(item) {
      const key = checkedKey(keyOf(item), last, count);
      if (count === 0) firstKey = key;
      last = key;
      const closed = closeBefore(key);
      const index = rangeOf(key, size);
      let range = open.at(-1);
      if (range?.index !== index) {
        range = { index, first: count, items: [] };
        open.push(range);
      }
      const keyed = { key, item };
      range.items.push(keyed);
      recent.push(keyed);
      count++;
      return closed;
    },
    end() {
      const closed = open.map(cut);
      open = [];
      recent = [];
      return closed;
    },
  };
}

/** The range that a key lies in. The quotient may be rounded either way: what counts is the edges, which are products. */
function rangeOf(key: number, size: number): number {
  const index = Math.floor(key / size);
  if (key < index * size) return index - 1;
  return key >= (index + 1) * size ? index + 1 : index;
}

function itemOf({ item }: Keyed): unknown {
  return item;
}

function checkedKey(key: number, last: number, position: number): number {
  if (!Number.isFinite(key)) {
    throw new MillraceError('SOURCE_NOT_ORDERED', `byRange needs a finite key; item ${position} has ${String(key)}.`);
  }
  if (key < last) {
    throw new MillraceError(
      'SOURCE_NOT_ORDERED',
      `byRange needs its source in key order; item ${position} has ${key} after ${last}. Sort the source first.`,
    );
  }
  return key;
}
