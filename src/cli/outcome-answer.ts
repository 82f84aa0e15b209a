import type { Outcome } from '../model/outcome.ts';
import { type ExitCode, exitCodeOfOutcome } from './exit-code.ts';
import { jsonText } from './terminal/json-text.ts';
import type { Terminal } from './terminal/terminal.ts';
import { brief, number, withCode } from './terminal/words.ts';

/** Tells how a session of any job ended: its result on stdout, what failed on stderr. */
export function tellOutcome(terminal: Terminal, outcome: Outcome<unknown>): ExitCode {
  if (outcome.status === 'completed' || terminal.json) terminal.answer(outcome, () => `${jsonText(outcome.result)}\n`);
  if (outcome.status !== 'completed') {
    const { code, message } = outcome.error;
    terminal.complain(`Session ${outcome.sessionId} ${outcome.status}: ${withCode(code, message)}`);
  }
  for (const { items, message, examples, category } of outcome.failures) {
    terminal.complain(`${number(items)} failed (${category}): ${brief(message)}; such as ${examples.join(', ')}`);
  }
  return exitCodeOfOutcome(outcome);
}
