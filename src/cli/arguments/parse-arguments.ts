import { parseArgs } from 'node:util';
import { type AnyCommand, commonOptions } from './command.ts';
import type { OptionTable } from './options.ts';
import { UsageError } from './usage-error.ts';

/** What a command line says. */
export interface ParsedArguments {
  readonly operands: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Reads the arguments behind a command's name.
 *
 * @throws UsageError naming the option or operand and what was expected.
 */
export function parseArguments(command: AnyCommand, args: readonly string[]): ParsedArguments {
  const table: OptionTable = { ...command.options, ...commonOptions };
  const { values, positionals } = parse(command, table, args);
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) options[name] = table[name]?.read(String(value), name);
  if (options.help !== true) checkOperands(command, positionals);
  return { operands: positionals, options };
}

function parse(command: AnyCommand, table: OptionTable, args: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(table).map(([name, option]) => [
      name,
      { type: option.placeholder === null ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  try {
    return parseArgs({ args: [...args], options: { ...options, help: { type: 'boolean', short: 'h' } }, allowPositionals: true });
  } catch (error) {
    throw inOurWords(command, table, error as Error);
  }
}

/** Node names the option between quotes; what it takes is in our table. */
function inOurWords(command: AnyCommand, table: OptionTable, error: Error): UsageError {
  const name = /'(?:-\w, )?(-[^ '=]+)/.exec(error.message)?.[1] ?? '';
  const word = name.replace(/^--?/, '');
  const option = Object.hasOwn(table, word) ? table[word] : undefined;
  if (!option || !name.startsWith('--')) {
    const known = Object.keys(table).map((one) => `--${one}`);
    return new UsageError(`millrace ${command.name} has no option ${name}. It has ${known.join(', ')}.`);
  }
  if (option.placeholder === null) return new UsageError(`${name} is a switch: it takes no value.`);
  return new UsageError(
    `${name} needs a value: ${name} ${option.placeholder}. A value that begins with a dash is written ${name}=VALUE.`,
  );
}

function checkOperands({ name, operands, minOperands, maxOperands }: AnyCommand, given: readonly string[]): void {
  if (given.length < minOperands) throw new UsageError(`millrace ${name} needs ${operands}; see millrace ${name} --help.`);
  if (given.length > maxOperands) {
    throw new UsageError(
      `millrace ${name} takes ${operands || 'options only'}; ${JSON.stringify(given[maxOperands])} is too many.`,
    );
  }
  if (given.includes('')) throw new UsageError(`millrace ${name} takes ${operands}; an empty name was given.`);
}
