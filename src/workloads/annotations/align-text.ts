import type { Alignment } from './format/codes.ts';
import type { Annotations, Span, Spanned } from './format/normalise.ts';
import { lengthOf, unitsOf } from './format/text-offsets.ts';

/** A reference text as records are aligned with it. What is worked out for one record serves the next one of the document. */
export interface Reference {
  readonly text: string;
  stripped?: Stripped;
}

/** A text without its white space. */
interface Stripped {
  readonly text: string;
  /** For each unit that is left, how many code points of the whole text come before it. */
  readonly points: Uint32Array;
}

/** Annotations with offsets in the reference text, or why there are none. */
export type Aligned =
  | { readonly alignment: Alignment; readonly annotations: Annotations }
  | { readonly code: 'alignment_failed' | 'alignment_ambiguous' | 'lost_span' };

/** Finds a record's text in its reference, and moves its spans there. Offsets are code points on both sides. */
export function alignAnnotations(text: string, annotations: Annotations, reference: Reference): Aligned {
  if (text === reference.text) return { alignment: 'identical', annotations };
  const at = onlyPlace(reference.text, text);
  if (typeof at === 'number') {
    const shift = lengthOf(reference.text.slice(0, at));
    const moved = moveSpans(annotations, ({ begin, end }) => ({ begin: begin + shift, end: end + shift }));
    return { alignment: 'shifted', annotations: moved as Annotations };
  }
  return alignStripped(text, annotations, reference);
}

function alignStripped(text: string, annotations: Annotations, reference: Reference): Aligned {
  reference.stripped ??= strip(reference.text);
  const { stripped } = reference;
  const own = strip(text);
  const at = onlyPlace(stripped.text, own.text);
  if (at === undefined) return { code: 'alignment_failed' };
  if (at === 'several') return { code: 'alignment_ambiguous' };
  const units = unitsOf(text);
  const moved = moveSpans(annotations, ({ begin, end }) => {
    const part = text.slice(units?.[begin] ?? begin, units?.[end] ?? end);
    const kept = part.replace(whiteSpace, '').length;
    if (kept === 0) return undefined;
    const first = at + firstAt(own.points, begin);
    // Both halves of a pair say how many code points come before the pair.
    return { begin: stripped.points[first] as number, end: (stripped.points[first + kept - 1] as number) + 1 };
  });
  return moved ? { alignment: 'white_space', annotations: moved } : { code: 'lost_span' };
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
    const next = units?.[point + 1] ?? unit + 1;
    // Each kept unit is met in order, so comparing with the next one that is kept tells white space from the rest.
    if (next - unit === 2) points[left++] = point;
    if (next - unit === 2 || text[unit] === kept[left]) points[left++] = point;
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

/** The annotations with every span moved; undefined when one of them can't be. */
function moveSpans(annotations: Annotations, move: (span: Span) => Span | undefined): Annotations | undefined {
  let isLost = false;
  const moveOne = (span: Span): Span => {
    const moved = move(span);
    isLost ||= moved === undefined;
    return moved ?? span;
  };
  const moveAll = (list: readonly Spanned[]): Spanned[] =>
    list.map((one) => ({ ...one, span: Array.isArray(one.span) ? one.span.map(moveOne) : moveOne(one.span as Span) }));
  const moved = { ...annotations, denotations: moveAll(annotations.denotations), blocks: moveAll(annotations.blocks) };
  return isLost ? undefined : moved;
}
