import { FormatError } from './format-reader.ts';

/** Values in one element, and letters of its texts: what is held in memory at once. */
const maxValues = 1_000_000;
const maxLetters = 32 * 1024 * 1024;

/** An array or object that is being put together. */
export type Container = unknown[] | Record<string, unknown>;

/** Puts values into their containers, and counts what is held by it: in the element in hand, and in what is kept of the root. */
export interface HeldValues {
  /** @throws FormatError where more is held than is reasonable. */
  attach(inElement: boolean, parent: Container, key: string, value: unknown): void;
  /** The element was given on. */
  forgetElement(): void;
}

/** Begins with nothing held. */
export function createHeldValues(): HeldValues {
  let element = { values: 0, letters: 0 };
  const root = { values: 0, letters: 0 };
  return {
    attach(inElement, parent, key, value) {
      const of = inElement ? element : root;
      of.values++;
      if (typeof value === 'string') of.letters += value.length;
      if (of.values > maxValues || of.letters > maxLetters) {
        throw new FormatError(`an element of it holds more than ${maxValues} values or ${maxLetters} letters`);
      }
      if (Array.isArray(parent)) parent.push(value);
      else if (key !== '__proto__') parent[key] = value;
    },
    forgetElement() {
      element = { values: 0, letters: 0 };
    },
  };
}
