import { lengthOf } from '../../text/text-offsets.ts';
import type { RefusalCode } from './codes.ts';
import { type Fields, isPresent } from './fields.ts';
import { type Annotations, normaliseAnnotations } from './normalise.ts';
import { readObject } from './read-line.ts';

/** A document's name: the database that it is of, and its id there. */
export interface Source {
  readonly sourcedb: string;
  readonly sourceid: string;
}

/** An annotated text, checked and brought into one form. */
export interface AnnotationRecord extends Source {
  /** What else says where it comes from: passed on as it is. */
  readonly origin: Fields;
  readonly text: string;
  readonly annotations: Annotations;
}

/** What a line was read as. */
export type Read<Value> = { readonly value: Value } | { readonly kind: 'blank' | RefusalCode };

/** Reads one line of annotations: all checks that need nothing but the line, in their order. */
export function readRecord(line: Uint8Array, maxDepth: number): Read<AnnotationRecord> {
  const content = readObject(line, maxDepth);
  if ('kind' in content) return content;
  const { object } = content;
  const source = sourceOf(object);
  if (!source) return { kind: 'missing_source' };
  const { text, project, divid } = object;
  if (typeof text !== 'string' || !isPresent(text)) return { kind: 'missing_text' };
  const annotations = normaliseAnnotations(object, lengthOf(text));
  if (typeof annotations === 'string') return { kind: annotations };
  const origin = { ...(divid !== undefined && { divid }), ...(project !== undefined && { project }) };
  return { value: { ...source, origin, text, annotations } };
}

/** A reference document. */
export interface ReferenceDocument extends Source {
  readonly text: string;
}

/** Reads one line of reference documents. */
export function readDocument(line: Uint8Array, maxDepth: number): Read<ReferenceDocument> {
  const content = readObject(line, maxDepth);
  if ('kind' in content) return content;
  const source = sourceOf(content.object);
  if (!source) return { kind: 'missing_source' };
  const { text } = content.object;
  return typeof text === 'string' ? { value: { ...source, text } } : { kind: 'missing_text' };
}

const properCase: ReadonlyMap<string, string> = new Map(
  ['PubMed', 'PMC', 'FirstAuthors'].map((name) => [name.toLowerCase(), name]),
);

/** A number that lost digits on its way through JSON names some other document, so it is no name at all. */
function sourceOf({ sourcedb, sourceid }: Fields): Source | undefined {
  if (typeof sourcedb !== 'string' || !isPresent(sourcedb)) return undefined;
  const isId =
    typeof sourceid === 'string' ? isPresent(sourceid) : typeof sourceid === 'number' && Math.abs(sourceid) <= 2 ** 53 - 1;
  return isId ? { sourcedb: properCase.get(sourcedb.toLowerCase()) ?? sourcedb, sourceid: String(sourceid) } : undefined;
}

/** How many annotations a record has. */
export function countAnnotations({ denotations, blocks, relations, attributes }: Annotations): number {
  return denotations.length + blocks.length + relations.length + attributes.length;
}
