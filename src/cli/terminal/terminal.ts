import type { Clock } from '../../model/clock.ts';
import { type Logger, silentLogger } from '../../model/logger.ts';
import { redact } from '../../model/redact.ts';
import { jsonText } from './json-text.ts';
import { createLineLogger, type LogLevel } from './log-lines.ts';
import { printable } from './printable.ts';
import { createProgressDisplay, type ProgressDisplay } from './progress-display.ts';
import { createStatusLine, type TextStream } from './status-line.ts';

/**
 * What a command says, and where: answers to stdout, everything else to stderr. Nothing that is said can steer the terminal,
 * and what looks like a secret is masked on stderr.
 */
export interface Terminal {
  readonly clock: Clock;
  /** Log lines on stderr. */
  readonly logger: Logger;
  /** The answer was asked for as JSON. */
  readonly json: boolean;
  /** The answer: as text, or, when JSON was asked for, as the value. */
  answer(value: unknown, text: () => string): void;
  /** A line for people who watch; `--quiet` leaves it out. */
  note(line: string): void;
  /** What went wrong. */
  complain(line: string): void;
  /** Begins to show how far a session is. */
  progress(label: string, counter?: string): ProgressDisplay;
  /** Shows a text as the last line of a terminal, in place of the one before; or leaves it there for good. Elsewhere nothing. */
  status(text: string, stays?: boolean): void;
}

/** What a terminal is made of. */
export interface TerminalParts {
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly logLevel?: LogLevel;
}

const nothing: ProgressDisplay = { update: () => undefined, stop: () => undefined };

/** Makes the terminal of one call. */
export function createTerminal(parts: TerminalParts): Terminal {
  const { stdout, stderr, clock, json = false, quiet = false, logLevel = 'error' } = parts;
  const status = stderr.isTTY ? createStatusLine(stderr) : null;
  const writeLines = (text: string): void => {
    const lines = printable(redact(text));
    if (status) status.writeAbove(lines);
    else stderr.write(lines);
  };
  const coloured = stderr.isTTY === true && !parts.env.NO_COLOR;
  const paint = (text: string): string => (coloured && text !== '' ? `\u001b[36m${text}\u001b[39m` : text);
  return {
    clock,
    json,
    logger: logLevel === 'silent' ? silentLogger : createLineLogger(logLevel, () => clock.now(), writeLines),
    answer(value, text) {
      status?.clear();
      stdout.write(printable(json ? `${jsonText(value)}\n` : text()));
    },
    note(line) {
      if (!quiet) writeLines(`${line}\n`);
    },
    complain: (line) => writeLines(`${line}\n`),
    progress(label, counter) {
      if (quiet) return nothing;
      const writeLine = (line: string): void => writeLines(`${line}\n`);
      return createProgressDisplay({ label, ...(counter !== undefined && { counter }), clock, status, paint, writeLine });
    },
    status(line, stays = false) {
      if (quiet || !status) return;
      const shown = printable(redact(line));
      status.show(stays ? '' : shown);
      if (stays) status.writeAbove(`${shown}\n`);
    },
  };
}
