/**
 * Why a record is refused.
 *
 * - `too_long` the line is longer than 16 MB
 * - `invalid_utf8`, `nesting_too_deep`, `invalid_json`, `not_an_object` the line is no JSON object that can be read safely
 * - `missing_source`, `missing_text` there is no document that it belongs to, or no text
 * - `invalid_denotation`, `invalid_block`, `invalid_relation`, `invalid_attribute` a field is missing, a span lies outside the text, or
 *   a reference leads nowhere
 * - `duplicate_id` two annotations of the record have one id
 * - `duplicate_document` in mode replace, another record of the document was chosen
 * - `document_missing` the document is not among the references
 * - `alignment_failed`, `alignment_ambiguous` its text is not in the reference text, or more than once
 * - `lost_span` a span of white space alone, which the reference does not have
 * - `poison` the record, alone, makes the work throw or ends its worker
 */
export const refusalCodes = [
  'too_long',
  'invalid_utf8',
  'nesting_too_deep',
  'invalid_json',
  'not_an_object',
  'missing_source',
  'missing_text',
  'invalid_denotation',
  'invalid_block',
  'invalid_relation',
  'invalid_attribute',
  'duplicate_id',
  'duplicate_document',
  'document_missing',
  'alignment_failed',
  'alignment_ambiguous',
  'lost_span',
  'poison',
] as const;

/** Why a record is refused: one of `refusalCodes`, which says what each means. */
export type RefusalCode = (typeof refusalCodes)[number];

/** What a line was found to be before it is aligned. A table of lines keeps the place in this list. */
export const lineKinds = ['record', 'blank', ...refusalCodes] as const;

/** One of {@link lineKinds}. */
export type LineKind = (typeof lineKinds)[number];

/** How a record's text was found in the reference: it is the same; it is a part; it is a part when white space is left out of both. */
export const alignments = ['identical', 'shifted', 'white_space'] as const;

/** One of {@link alignments}. */
export type Alignment = (typeof alignments)[number];
