import { InvalidOptionError } from './errors.ts';

/**
 * Refuses what is no object of options, and options that do not exist: a typing error must not pass for a default.
 *
 * @param of - Whose options these are, for the error: `createEngine`, or a job's name.
 * @param known - A record with every option as a key. An unknown one whose value is undefined says nothing, and is let be.
 */
export function checkOptionNames(options: unknown, of: string, known: Readonly<Record<string, true>>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidOptionError(`${of}: options`, options, 'an object');
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(known, name)) continue;
    throw new InvalidOptionError(`${of}: ${name}`, value, `an option that exists (${Object.keys(known).join(', ')})`);
  }
}

/** Refuses what is given and is no function. */
export function checkFunction(value: unknown, name: string): void {
  if (value !== undefined && typeof value !== 'function') throw new InvalidOptionError(name, value, 'a function');
}

/** Whether a value has all these methods: the only thing that can be checked of what a host brings along. */
export function hasMethods(value: unknown, names: readonly string[]): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
  );
}

/** Refuses a number that is not whole or out of bounds. */
export function checkWhole(value: number | undefined, name: string, min: number, max: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return;
  throw new InvalidOptionError(name, value, `a whole number from ${min} to ${max}`);
}
