import { parseArgs } from 'node:util';

/** A whole number given as `--name 123` to the bench that runs, or its default. */
export function numberOption(name: string, fallback: number): number {
  const { values } = parseArgs({ args: process.argv.slice(2), options: { [name]: { type: 'string' } }, strict: false });
  const given = values[name];
  if (given === undefined) return fallback;
  const value = Number(given);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} is a whole number from 1, not ${String(given)}`);
  return value;
}

/** A text given as `--name text` to the bench that runs; undefined when it was not. */
export function textOption(name: string): string | undefined {
  const { values } = parseArgs({ args: process.argv.slice(2), options: { [name]: { type: 'string' } }, strict: false });
  const given = values[name];
  return typeof given === 'string' ? given : undefined;
}
