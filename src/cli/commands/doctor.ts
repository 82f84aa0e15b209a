import { defineCommand } from '../arguments/command.ts';
import { checksFor, type Finding, findingOf } from '../doctor/checks.ts';
import { exitCodes } from '../exit-code.ts';
import { table } from '../terminal/words.ts';

/** `millrace doctor`: whether this machine has what Millrace needs. */
export const command = defineCommand({
  name: 'doctor',
  summary: 'Looks whether this machine has what Millrace needs, and says what to do where it has not.',
  operands: '[FOLDER]',
  minOperands: 0,
  maxOperands: 1,
  options: {},
  notes: ['FOLDER is where runs are to be kept (default: here). Ends with 3 when something is bad; a note is no failure.'],
  examples: ['millrace doctor', 'millrace doctor /var/lib/millrace --json'],
  async run({ operands: [folder = '.'], terminal }) {
    const findings: Finding[] = [];
    for (const check of checksFor(folder)) findings.push(await findingOf(check));
    const isBad = findings.some(({ status }) => status === 'bad');
    terminal.answer({ verdict: isBad ? 'bad' : 'ok', findings }, () => doctorText(findings));
    return isBad ? exitCodes.failed : exitCodes.complete;
  },
});

function doctorText(findings: readonly Finding[]): string {
  const rows = findings.flatMap(({ name, status, found, fix }) => [
    [status, name, found],
    ...(fix === undefined ? [] : [['', '', `fix: ${fix}`]]),
  ]);
  const bad = findings.filter(({ status }) => status === 'bad').length;
  const verdict = bad === 0 ? 'Millrace can work here.' : `${bad} of ${findings.length} checks are bad.`;
  return `${table(rows)}\n${verdict}\n`;
}
