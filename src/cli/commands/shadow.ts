import type { PairControl, ShadowStatus } from '../../adapters/stores/shadow/control.ts';
import { defineCommand } from '../arguments/command.ts';
import { flag, type Option, refuse, wholeNumber } from '../arguments/options.ts';
import { UsageError } from '../arguments/usage-error.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { comparisonText } from '../shadow/comparison-text.ts';
import { withPair } from '../shadow/pair-in-files.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { facts, number } from '../terminal/words.ts';

const actions = ['status', 'compare', 'promote', 'demote'] as const;
type Action = (typeof actions)[number];

const ratio: Option<number> = {
  placeholder: 'RATIO',
  help: 'promote, demote: refuse it when a smaller part of all rows is equal (default 0.999)',
  read(value, name) {
    const wanted = /^(0|1|0?\.\d+|1\.0+)$/.test(value) ? Number(value) : Number.NaN;
    return wanted >= 0 && wanted <= 1 ? wanted : refuse(name, value, 'a number from 0 to 1, such as 0.999');
  },
};

interface Given {
  readonly threshold?: number;
  readonly limit?: number;
  readonly repair?: true;
}

/** `millrace shadow`: two stores side by side, until the new one takes over. */
export const command = defineCommand({
  name: 'shadow',
  summary: 'Compares two stores that are used as a pair, and brings them from one stage to the next, or back.',
  operands: 'status|compare|promote|demote OLD NEW',
  minOperands: 3,
  maxOperands: 3,
  options: {
    repair: flag('compare: copy what differs, and delete what only the copy has; then compare again'),
    limit: wholeNumber('N', 0, 1_000_000, 'compare: list at most so many differences; all are counted (default 100)'),
    threshold: ratio,
  },
  notes: [
    'Stages: off (NEW is not touched), shadow (OLD decides, NEW gets copies), primary (NEW decides, OLD gets copies), only (NEW alone; OLD is an archive).',
    'promote goes on to the next stage, demote back to the one before. Stop the hosts first. What differs a little is mended.',
    'compare ends with 1 when rows differ. Hosts may be at work; then what they have just written may not be copied yet.',
  ],
  examples: [
    'millrace shadow promote sqlite:runs.db sqlite:new.db',
    'millrace shadow compare sqlite:runs.db sqlite:new.db --repair',
    'millrace shadow status sqlite:runs.db sqlite:new.db --json',
  ],
  async run({ operands: [word = '', old = '', other = ''], options, terminal }) {
    const action = actions.find((one) => one === word);
    if (!action) throw new UsageError(`There is no action ${word}; there are ${actions.join(', ')}.`);
    return withPair({ old, other, mayBegin: action === 'promote' }, (control) => act(action, control, options, terminal));
  },
});

async function act(
  action: Action,
  control: PairControl,
  { threshold, limit, repair }: Given,
  terminal: Terminal,
): Promise<ExitCode> {
  switch (action) {
    case 'status':
      return tellStatus(await control.status(), terminal);
    case 'compare':
      return compare(control, { ...(limit !== undefined && { limit }), repair: repair ?? false }, terminal);
    case 'promote':
    case 'demote':
      return tellStatus(await control[action](threshold === undefined ? {} : { threshold }), terminal);
    default:
      return action satisfies never;
  }
}

function tellStatus({ pending, trouble, ...status }: ShadowStatus, terminal: Terminal): ExitCode {
  terminal.answer(status, () =>
    facts([
      ['stage', status.moving === null ? status.stage : `${status.stage}, on its way to ${status.moving}`],
      ['decides', status.decides],
      ['hosts', number(status.hosts)],
    ]),
  );
  return exitCodes.complete;
}

async function compare(
  control: PairControl,
  { limit, repair }: { limit?: number; repair: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  if (repair) {
    const { copied, deleted } = await control.repair();
    terminal.note(`${number(copied)} copied, ${number(deleted)} deleted.`);
  }
  const comparison = await control.compare(limit === undefined ? {} : { limit });
  terminal.answer(comparison, () => comparisonText(comparison));
  return comparison.rows === comparison.equal ? exitCodes.complete : exitCodes.withFailures;
}
