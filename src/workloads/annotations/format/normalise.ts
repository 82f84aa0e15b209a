import type { Span } from '../../text/find-text.ts';
import type { RefusalCode } from './codes.ts';
import { type Fields, idsIn, isPresent, plainFields } from './fields.ts';

/** A denotation or block: its fields, with one span or several. */
export type Spanned = Fields & { readonly id: string; readonly span: Span | readonly Span[] };

/** The annotations of one record, all four lists there. */
export interface Annotations {
  readonly denotations: readonly Spanned[];
  readonly blocks: readonly Spanned[];
  readonly relations: readonly Fields[];
  readonly attributes: readonly Fields[];
}

/** Checks a record's annotations and brings them into one form, or says why they can't be. `length`: of the text, in code points. */
export function normaliseAnnotations(record: Fields, length: number): Annotations | RefusalCode {
  const taken = idsIn([record.denotations, record.blocks, record.relations, record.attributes]);
  const number = (list: Fields[], letter: string): Fields[] => list.map((one) => withId(one, letter, taken));

  const denotations = listOf(record.denotations, (one) => spanned(one, length));
  if (!denotations) return 'invalid_denotation';
  const blocks = listOf(record.blocks, (one) => spanned(one, length));
  if (!blocks) return 'invalid_block';
  const things = [number(denotations, 'T'), number(blocks, 'B')] as const;
  const [denotationIds, blockIds] = things.map((list) => new Set(list.map(({ id }) => id as string)));
  const joins = ({ subj, obj }: Fields): boolean =>
    [denotationIds, blockIds].some((ids) => ids?.has(String(subj)) === true && ids.has(String(obj)));
  const relations = listOf(record.relations, (one) => (hasAll(one, ['subj', 'pred', 'obj']) && joins(one) ? one : undefined));
  if (!relations) return 'invalid_relation';
  const numbered = number(relations, 'R');
  const known = new Set([...(denotationIds ?? []), ...(blockIds ?? []), ...numbered.map(({ id }) => id as string)]);
  const attributes = listOf(record.attributes, (one) => attribute(one, known));
  if (!attributes) return 'invalid_attribute';
  const lists = [...things, numbered, number(attributes, 'A')] as const;
  const ids = lists.flatMap((list) => list.map(({ id }) => id));
  if (new Set(ids).size < ids.length) return 'duplicate_id';
  return { denotations: lists[0] as Spanned[], blocks: lists[1] as Spanned[], relations: lists[2], attributes: lists[3] };
}

/** Each of a list, as it is taken; undefined when the list is none or one of them is refused. */
function listOf(value: unknown, take: (one: Fields) => Fields | undefined): Fields[] | undefined {
  if (!isPresent(value)) return [];
  if (!Array.isArray(value)) return undefined;
  const taken: Fields[] = [];
  for (const given of value as unknown[]) {
    const fields = plainFields(given);
    const one = fields && hasGoodId(fields) ? take(fields) : undefined;
    if (!one) return undefined;
    taken.push(one);
  }
  return taken;
}

function hasGoodId({ id }: Fields): boolean {
  return !isPresent(id) || typeof id === 'string' || typeof id === 'number';
}

function hasAll(one: Fields, names: readonly string[]): boolean {
  return names.every((name) => isPresent(one[name]));
}

function spanned(one: Fields, length: number): Fields | undefined {
  if (!isPresent(one.obj)) return undefined;
  // Most have this form already: a copy of each took a tenth of all the time.
  if (isPlainSpan(one.span) && one.begin === undefined && one.end === undefined)
    return spanOf(one.span, length) === undefined ? undefined : one;
  const { begin, end, span: given, ...rest } = one;
  const span = given ?? { begin, end };
  const spans = Array.isArray(span) ? span.map((part) => spanOf(part, length)) : [spanOf(span, length)];
  if (spans.length === 0 || spans.includes(undefined)) return undefined;
  return { ...rest, span: Array.isArray(span) ? spans : spans[0] };
}

/** Whether a span is an object of its two offsets, and nothing else. */
function isPlainSpan(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'begin') || !Object.hasOwn(value, 'end')) return false;
  return Object.keys(value).length === 2;
}

function spanOf(value: unknown, length: number): Span | undefined {
  const { begin, end } = plainFields(value) ?? {};
  const isInside = Number.isInteger(begin) && Number.isInteger(end) && (begin as number) >= 0 && (end as number) <= length;
  return isInside && (begin as number) < (end as number) ? { begin: begin as number, end: end as number } : undefined;
}

function attribute(one: Fields, known: ReadonlySet<string>): Fields | undefined {
  if (!hasAll(one, ['subj', 'pred']) || !known.has(String(one.subj))) return undefined;
  return isPresent(one.obj) ? one : { ...one, obj: true };
}

/** The annotation with an id that is text: its own, or the lowest number that the record has free. */
function withId(one: Fields, letter: string, taken: Set<string>): Fields {
  if (isPresent(one.id)) return typeof one.id === 'string' ? one : { ...one, id: String(one.id) };
  let number = 1;
  while (taken.has(`${letter}${number}`)) number++;
  taken.add(`${letter}${number}`);
  return { ...one, id: `${letter}${number}` };
}
