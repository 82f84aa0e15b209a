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
  checkOneOf('mode', mode, ['add', 'replace']);
  checkOneOf('onDuplicate', onDuplicate, ['error', 'first', 'last', 'merge']);
  checkWhole('batchItems', batchItems, 1_000_000);
  checkWhole('maxDepth', maxDepth, 500);
  return { mode, onDuplicate, batchItems, maxDepth };
}

function checkOneOf(name: string, value: string, words: readonly string[]): void {
  if (!words.includes(value)) throw new InvalidOptionError(name, value, `one of ${words.join(', ')}`);
}

function checkWhole(name: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new InvalidOptionError(name, value, `a whole number from 1 to ${max}`);
  }
}
