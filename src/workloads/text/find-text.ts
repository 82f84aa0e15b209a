import { lengthOf, unitsOf } from './text-offsets.ts';

/** From `begin` up to, not including, `end`, in code points. */
export interface Span {
  readonly begin: number;
  readonly end: number;
}

/** A text that others are looked for in. What is worked out for one of them serves the next. */
export interface WholeText {
  readonly text: string;
  stripped?: Stripped;
}

/** A text without its white space. */
interface Stripped {
  readonly text: string;
  /** For each unit that is left, how many code points of the whole text come before it. */
  readonly points: Uint32Array;
}

/**
 * How a text was found: it is the whole; it is a part that occurs once; it is one when white space is left out of both. `move` gives
 * a span of the text its place in the whole; undefined when all of it was left out. Or it was not found, or more than once.
 */
export type Found =
  | { readonly how: 'identical' | 'shifted' | 'white_space'; readonly move: (span: Span) => Span | undefined }
  | { readonly how: 'failed' | 'ambiguous' };

/** Finds a text in another one, in the first way that works. */
export function findText(text: string, whole: WholeText): Found {
  if (text === whole.text) return { how: 'identical', move: (span) => span };
  const at = onlyPlace(whole.text, text);
  if (typeof at !== 'number') return findStripped(text, whole);
  const shift = lengthOf(whole.text.slice(0, at));
  return { how: 'shifted', move: ({ begin, end }) => ({ begin: begin + shift, end: end + shift }) };
}

function findStripped(text: string, whole: WholeText): Found {
  whole.stripped ??= strip(whole.text);
  const { points, text: stripped } = whole.stripped;
  const own = strip(text);
  const at = onlyPlace(stripped, own.text);
  if (typeof at !== 'number') return { how: at === undefined ? 'failed' : 'ambiguous' };
  const units = unitsOf(text);
  const move = ({ begin, end }: Span): Span | undefined => {
    const kept = text.slice(units?.[begin] ?? begin, units?.[end] ?? end).replace(whiteSpace, '').length;
    if (kept === 0) return undefined;
    const first = at + firstAt(own.points, begin);
    // Both halves of a pair say how many code points come before the pair.
    return { begin: points[first] as number, end: (points[first + kept - 1] as number) + 1 };
  };
  return { how: 'white_space', move };
}

const whiteSpace = /\s+/g;

/** The unit at which a text occurs when it does so once. */
function onlyPlace(whole: string, part: string): number | 'several' | undefined {
  const at = whole.indexOf(part);
  if (at < 0) return undefined;
  return whole.indexOf(part, at + 1) < 0 ? at : 'several';
}

function strip(text: string): Stripped {
  const kept = text.replace(whiteSpace, '');
  const points = new Uint32Array(kept.length);
  const units = unitsOf(text);
  let left = 0;
  for (let point = 0, end = units ? units.length - 1 : text.length; point < end; point++) {
    const unit = units?.[point] ?? point;
    const isPair = units !== undefined && (units[point + 1] as number) - unit === 2;
    if (isPair) points[left++] = point;
    // What is kept is met in order, so the next kept unit tells white space from the rest.
    if (isPair || text[unit] === kept[left]) points[left++] = point;
  }
  return { text: kept, points };
}

/** The place of the first number in an ascending list that is not below a value. */
function firstAt(ascending: Uint32Array, value: number): number {
  let [from, to] = [0, ascending.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((ascending[middle] as number) < value) from = middle + 1;
    else to = middle;
  }
  return from;
}
