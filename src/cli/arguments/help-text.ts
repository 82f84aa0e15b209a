import { type AnyCommand, commonOptions } from './command.ts';
import type { OptionTable } from './options.ts';

/** The help of one command, made of the table that reads its arguments. */
export function commandHelp(command: AnyCommand): string {
  const lines = [
    command.summary,
    '',
    `Usage: millrace ${command.name} [OPTIONS]${command.operands ? ` ${command.operands}` : ''}`,
    '',
    'Options:',
    ...optionLines({ ...command.options, ...commonOptions }),
  ];
  if (command.notes) lines.push('', ...command.notes);
  lines.push('', 'Examples:', ...command.examples.map((example) => `  ${example}`));
  return `${lines.join('\n')}\n`;
}

/** The help of the tool: its commands, and what all of them have in common. */
export function toolHelp(commands: Readonly<Record<string, { readonly summary: string }>>): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length)) + 2;
  return `${[
    'Runs batches on all cores, keeps account of every piece, and gives what one sequential run would have given.',
    '',
    'Usage: millrace COMMAND [OPTIONS] ...',
    '',
    'Commands:',
    ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}${summary}`),
    '',
    'millrace COMMAND --help shows the options and examples of one command; millrace --version the version.',
    '',
    'STORE is sqlite:FILE, or the output folder of a run, which keeps its store in .millrace/runs.db.',
    'Exit codes: 0 complete, 1 completed with failures, 2 bad usage or no readable input, 3 failed, 130 interrupted (143 by SIGTERM, 129 by SIGHUP).',
    'Answers go to stdout; progress, notes, log lines and errors to stderr. NO_COLOR is honoured.',
    '',
    'Examples:',
    '  millrace demo tracks --days 365 --out demo.csv',
    '  millrace tracks demo.csv --out tracks',
    '  millrace show tracks',
  ].join('\n')}\n`;
}

function optionLines(table: OptionTable): string[] {
  const left = Object.entries(table).map(
    ([name, { placeholder }]) => `  --${name}${placeholder === null ? '' : ` ${placeholder}`}`,
  );
  const width = Math.min(34, Math.max(...left.map((text) => text.length)) + 2);
  return Object.values(table).map(({ help }, place) => {
    const option = left[place] ?? '';
    return option.length < width ? `${option.padEnd(width)}${help}` : `${option}\n${' '.repeat(width)}${help}`;
  });
}
