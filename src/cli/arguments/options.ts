import { describe } from '../../model/errors.ts';
import { UsageError } from './usage-error.ts';

/** One option of a command: what its help says, and how its text becomes a value. */
export interface Option<Value> {
  /** What stands for the value in the help, such as `DURATION`; null: the option is a switch without one. */
  readonly placeholder: string | null;
  readonly help: string;
  /** @throws UsageError naming the option and what it takes. */
  read(text: string, name: string): Value;
}

/** A command's options by their names, without the dashes. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>;

/** What was given of a table's options. */
export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]?: Table[Name] extends Option<infer Value> ? Value : never;
};

/** A switch: given or not. */
export function flag(help: string): Option<true> {
  return { placeholder: null, help, read: () => true };
}

/** Any text but the empty one. */
export function text(placeholder: string, help: string): Option<string> {
  return {
    placeholder,
    help,
    read: (value, name) => (value === '' ? refuse(name, value, placeholder) : value),
  };
}

/** A whole number between bounds. */
export function wholeNumber(placeholder: string, min: number, max: number, help: string): Option<number> {
  return {
    placeholder,
    help,
    read(value, name) {
      const number = /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
      return number >= min && number <= max ? number : refuse(name, value, `a whole number from ${min} to ${max}`);
    },
  };
}

/** One of a few words. */
export function oneOf<const Word extends string>(words: readonly Word[], help: string): Option<Word> {
  const isWord = (value: string): value is Word => words.some((word) => word === value);
  return {
    placeholder: words.join('|'),
    help,
    read: (value, name) => (isWord(value) ? value : refuse(name, value, `one of ${words.join(', ')}`)),
  };
}

/** Several of a few words, parted by commas. */
export function someOf<const Word extends string>(words: readonly Word[], help: string): Option<readonly Word[]> {
  const one = oneOf(words, help);
  return {
    placeholder: 'LIST',
    help,
    read: (value, name) => value.split(',').map((word) => one.read(word.trim(), name)),
  };
}

/** Refuses a value in the words that all options use. */
export function refuse(name: string, value: string, expected: string): never {
  throw new UsageError(`--${name} takes ${expected}; ${describe(value)} was given.`);
}
