import { join } from 'node:path';
import type { WarmReport } from '../../workloads/warm/report.ts';
import { reportFiles } from '../../workloads/warm/write-report.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { brief, duration, facts, moment, number, table } from '../terminal/words.ts';

/** Failed keys of a group that are listed on the terminal; the reports have all. */
const mostListed = 100;

/** Answers for a run: the report, and on stderr what failed. */
export function tellReport(terminal: Terminal, report: WarmReport, out: string | undefined): ExitCode {
  const { items: _, ...answer } = report;
  terminal.answer(answer, () => reportText(report, out));
  if (report.reason !== undefined) terminal.complain(`The run failed: ${report.reason}`);
  for (const group of Object.keys(report.groups)) {
    const failed = report.failures.filter((one) => one.group === group);
    if (failed.length === 0) continue;
    terminal.complain(`${number(failed.length)} ${group} failed:`);
    for (const { key, label, errors } of failed.slice(0, mostListed)) {
      const name = label === key ? key : `${key} (${label})`;
      terminal.complain(`  ${name}: ${errors.map(({ loader, message }) => `${loader}: ${brief(message)}`).join('; ')}`);
    }
    if (failed.length > mostListed) terminal.complain(`  and ${number(failed.length - mostListed)} more.`);
  }
  return { completed: exitCodes.complete, partial: exitCodes.withFailures, failed: exitCodes.failed }[report.status];
}

function reportText({ startedAt, ms, groups, total, sessionId }: WarmReport, out: string | undefined): string {
  const rows = Object.entries(groups).map(([name, group]) => [
    name,
    ...[group.keys, group.keysAllOk, group.keysWithFailure, group.items, group.ok, group.failed].map(number),
    duration(group.ms),
  ]);
  const sum = (field: 'keysAllOk' | 'keysWithFailure'): number =>
    Object.values(groups).reduce((all, group) => all + group[field], 0);
  const totals = [total.keys, sum('keysAllOk'), sum('keysWithFailure'), total.items, total.ok, total.failed].map(number);
  return [
    table([['', 'keys', 'all ok', 'with failure', 'items', 'ok', 'failed', 'time'], ...rows, ['total', ...totals, duration(ms)]]),
    facts([
      ['started', moment(startedAt)],
      ['took', duration(ms)],
      ['in all', `${number(total.all)} (items, and keys that have several)`],
      ['session', sessionId],
      ...(out === undefined ? [] : reportFiles.map((file, place) => [place === 0 ? 'outputs' : '', join(out, file)] as const)),
    ]),
  ].join('\n');
}
