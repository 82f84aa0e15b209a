import type { ExitCode } from '../exit-code.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { flag, type OptionTable, type OptionValues, oneOf } from './options.ts';

/** What a command gets. */
export interface Call<Table extends OptionTable> {
  /** What was given besides options, in order; as many as the command asks for. */
  readonly operands: readonly string[];
  readonly options: OptionValues<Table & typeof commonOptions>;
  readonly terminal: Terminal;
}

/** One command of the tool: its help is made of the same table that reads its arguments. */
export interface Command<Table extends OptionTable> {
  /** As it is typed: `demo tracks`. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** What it takes besides options, as the help shows it, such as `STORE [SESSION]`. */
  readonly operands: string;
  readonly minOperands: number;
  readonly maxOperands: number;
  readonly options: Table;
  /** What a reader must know beyond the options. */
  readonly notes?: readonly string[];
  readonly examples: readonly string[];
  run(call: Call<Table>): Promise<ExitCode>;
}

/** A command whose options are not known any more: what the dispatcher holds. */
export type AnyCommand = Command<OptionTable>;

/** Every command has these. */
export const commonOptions = {
  json: flag('Print the answer as JSON'),
  quiet: flag('No progress and no notes on stderr; errors stay'),
  'log-level': oneOf(['debug', 'info', 'warn', 'error', 'silent'], 'Log lines on stderr from this level on (default error)'),
  help: flag('Show this help'),
} as const;

/** Defines a command; its options are typed by its table. */
export function defineCommand<Table extends OptionTable>(command: Command<Table>): AnyCommand {
  // What `run` gets was read by this very table.
  return command as unknown as AnyCommand;
}
