import type { AnyCommand } from '../../src/cli/arguments/command.ts';
import { parseArguments } from '../../src/cli/arguments/parse-arguments.ts';
import { exitCodeOfError } from '../../src/cli/exit-code.ts';
import { createTerminal } from '../../src/cli/terminal/terminal.ts';
import { systemClock } from '../../src/model/clock.ts';
import { errorInfo } from '../../src/model/error-info.ts';

/** How a command ended, and all that it said. */
export interface Called {
  readonly code: number;
  readonly text: string;
  /** Name of the error that ended it, if one did. */
  readonly error?: string;
}

/**
 * Calls a command in this process, as `main` would: what is refused is refused before anything is started, so a process of its own
 * for each would only cost time. Does not end later than `limitMs`: what hangs is said to.
 */
export async function callCommand(command: AnyCommand, args: readonly string[], limitMs = 2_000): Promise<Called> {
  let text = '';
  const stream = { write: (part: string) => (text += part) };
  const terminal = createTerminal({ stdout: stream, stderr: stream, clock: systemClock, env: {} });
  let timer: NodeJS.Timeout | undefined;
  const hangs = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`hangs: ${args.join(' ')}`)), limitMs);
  });
  try {
    const { operands, options } = parseArguments(command, args);
    const code = await Promise.race([command.run({ operands, options, terminal }), hangs]);
    return { code, text };
  } catch (thrown) {
    const { name, message } = errorInfo(thrown);
    terminal.complain(message);
    return { code: exitCodeOfError(thrown), text, error: name };
  } finally {
    clearTimeout(timer);
  }
}
