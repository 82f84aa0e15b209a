import { InvalidOptionError } from '../../model/errors.ts';

/** How annotations are taken in. */
export interface AnnotationsOptions {
  /** `'add'`: every record counts; `'replace'`: a document has the annotations of one record, see `onDuplicate`. @default 'add' */
  mode?: 'add' | 'replace';
  /**
   * In mode replace, what is done with several valid records of one document: nothing is begun; all but the first, or the last, are
   * refused; or all are taken together. @default 'error'
   */
  onDuplicate?: 'error' | 'first' | 'last' | 'merge';
  /** Annotations in a batch, at least; a document is never parted. Changes speed, never results. A whole number from 1 to 1,000,000. @default 500 */
  batchItems?: number;
  /** Brackets within brackets that a line may have. A whole number from 1 to 500. @default 100 */
  maxDepth?: number;
}

/** Options with every value decided, as a session records them. */
export type AnnotationsPlan = { readonly [Name in keyof AnnotationsOptions]-?: NonNullable<AnnotationsOptions[Name]> };

/**
 * Fills in defaults and checks bounds.
 *
 * @throws InvalidOptionError naming the option.
 */
export function planAnnotations(options: AnnotationsOptions = {}): AnnotationsPlan {
  const { mode = 'add', onDuplicate = 'error', batchItems = 500, maxDepth = 100 } = options;
  const refuse = (name: string, value: unknown, expected: string): never => {
    throw new InvalidOptionError(name, value, expected);
  };
  if (!['add', 'replace'].includes(mode)) refuse('mode', mode, 'add or replace');
  if (!['error', 'first', 'last', 'merge'].includes(onDuplicate))
    refuse('onDuplicate', onDuplicate, 'error, first, last or merge');
  if (!isWhole(batchItems, 1_000_000)) refuse('batchItems', batchItems, 'a whole number from 1 to 1,000,000');
  if (!isWhole(maxDepth, 500)) refuse('maxDepth', maxDepth, 'a whole number from 1 to 500');
  return { mode, onDuplicate, batchItems, maxDepth };
}

function isWhole(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= max;
}
