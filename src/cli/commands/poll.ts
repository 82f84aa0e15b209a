import { join } from 'node:path';
import { shadow } from '../../adapters/stores/shadow.ts';
import type { Session } from '../../engine/api/session.ts';
import { type Clock, systemClock } from '../../model/clock.ts';
import type { Store } from '../../model/store.ts';
import { pollJob, taskStatuses } from '../../workloads/poll/poll-job.ts';
import { type PollReport, runPoll } from '../../workloads/poll/run-poll.ts';
import type { Taken } from '../../workloads/poll/source.ts';
import { isUrl, readFolder } from '../../workloads/poll/source.ts';
import { pollFiles } from '../../workloads/poll/write-outputs.ts';
import { virtualClock } from '../../workloads/virtual-clock.ts';
import { defineCommand } from '../arguments/command.ts';
import { flag, oneOf, someOf, text, wholeNumber } from '../arguments/options.ts';
import { duration, durationOr, executor, workers } from '../arguments/units.ts';
import { UsageError } from '../arguments/usage-error.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { openRunStore, type RunStore } from '../store/run-store.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { facts, number, shellWord } from '../terminal/words.ts';
import { withEngine } from '../with-engine.ts';

/** Polls are many and short: a display of each would be noise. */
const unseen = { update: () => undefined, stop: () => undefined };

/** The longest window that there is: a hundred years. */
const forever = '36500d';

/** `millrace poll`: asks a source of logs again and again, and has each log read once. */
export const command = defineCommand({
  name: 'poll',
  summary: 'Polls a source of logs and reads each log once, however often it is listed: tasks.tsv, executions.tsv, stats.json.',
  operands: 'SOURCE',
  minOperands: 1,
  maxOperands: 1,
  options: {
    clock: oneOf(['virtual', 'real'], 'Whether polls have times of their own (default virtual for a folder, real for a URL)'),
    interval: duration('1ms', 'From one poll to the next, by the real clock (default 60s)'),
    once: flag('Poll once, and end when the work of that poll has'),
    'dedupe-window': durationOr('forever', '1ms', 'How long a task is held from its enqueue on (default 5m)'),
    'dedupe-states': someOf(
      taskStatuses,
      `In which states it is, of ${taskStatuses.join(',')} (default queued,processing,completed)`,
    ),
    'max-attempts': wholeNumber('N', 1, 1_000, 'Attempts of a log that cannot be read now (default 3)'),
    files: text('FOLDER', 'Where the files are that a URL lists (default: they are asked for below the URL)'),
    workers,
    executor,
    store: text('STORE', 'Where tasks are kept: sqlite:FILE, a folder, or memory (default the output folder)'),
    shadow: text('STORE', 'A second store that gets copies of all rows: compare them by millrace shadow (default none)'),
    out: text('DIR', 'Folder for the outputs (default polled)'),
  },
  notes: [
    'SOURCE is a folder with polls.jsonl, a line for each poll, or a URL of this machine: http://127.0.0.1:PORT/logs.',
    'Exit codes: 0 all logs read, 1 some were given up, 2 bad usage, 3 no poll succeeded; Ctrl-C ends in order, with the outputs.',
    'Called again after an interruption, it goes on where it was. Several may share a store: a task is still run once.',
    'To look into it: millrace queue DIR stats|active|stuck|repeated|chain TASKID, millrace dead-letters DIR.',
  ],
  examples: [
    'millrace poll partner-logs --out polled',
    'millrace poll http://127.0.0.1:8080/logs --interval 30s --store sqlite:tracker.db --shadow sqlite:new.db',
    'millrace poll partner-logs --dedupe-window forever --dedupe-states queued,processing,completed,dlq',
  ],
  async run({ operands: [source = ''], options: given, terminal }) {
    const { out = 'polled', interval, once, files, workers: count } = given;
    const isVirtual = (given.clock ?? (isUrl(source) ? 'real' : 'virtual')) === 'virtual';
    if (isVirtual && isUrl(source)) throw new UsageError('--clock virtual needs a folder: polls of a URL have no times.');
    const lease = isVirtual ? { lease: leaseOver(await readFolder(source)) } : {};
    const window = given['dedupe-window'] === 'forever' ? forever : given['dedupe-window'];
    const states = given['dedupe-states'];
    const job = pollJob({ ...(window !== undefined && { window }), ...(states && { states }) });
    const kept = await openRunStore(given.store, out, terminal);
    const open = await openerOf(kept, given.shadow, terminal);
    const clock = isVirtual ? await virtualClock(open) : undefined;
    const stop = new AbortController();
    const call = {
      terminal,
      store: open(clock ?? systemClock),
      jobs: [job],
      workers: count,
      executor: given.executor,
      ...lease,
      drain: () => stop.abort(),
      hint: () => (kept.name === null ? 'What was kept in memory is gone.' : 'To go on: call the same command again.'),
    };
    return withEngine(call, async ({ engine, watch, logger }) => {
      const request = {
        source,
        out,
        ...(interval !== undefined && { interval }),
        ...(once && { once }),
        ...(files !== undefined && { files }),
        ...(clock && { clock }),
        ...(given['max-attempts'] !== undefined && { attempts: given['max-attempts'] }),
      };
      const onSession = (session: { readonly id: string }): void => watch(session as Session<unknown, unknown>, unseen);
      return tell(terminal, await runPoll(engine, job, request, { onSession, logger, signal: stop.signal }), out, kept);
    });
  },
});

/** Makes the store, with its shadow beside it when one was asked for. */
async function openerOf(kept: RunStore, second: string | undefined, terminal: Terminal): Promise<(clock: Clock) => Store> {
  if (second === undefined) return kept.withClock;
  const copy = await openRunStore(second, undefined, terminal);
  if (kept.name === null || copy.name === null)
    throw new UsageError('--shadow needs two stores that last: sqlite:FILE, or a folder.');
  return (clock) => shadow(kept.withClock(clock), copy.withClock(clock), { logger: terminal.logger });
}

/** Leases are told by the virtual clock: this one lasts from the first poll to the last, as far as timers reach. */
function leaseOver(polls: readonly Taken[]): number {
  const times = polls.map((taken) => ('poll' in taken ? (taken.poll.t ?? 0) : 0));
  const seconds = times.reduce((most, t) => Math.max(most, t), 0);
  return Math.min(seconds * 1_000 + 30_000, 60 * 86_400_000);
}

function tell(terminal: Terminal, report: PollReport, out: string, { name }: RunStore): ExitCode {
  const { stats, taken, known, failures } = report;
  const { completed, dlqCodes, dlq, distinctTasks, enqueued, duplicatesSkipped, listed, invalid } = stats;
  const given = Object.values(dlq).reduce((sum, count) => sum + count, 0);
  const listedOf = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([word, count]) => `${number(count)} ${word}`)
      .join(', ');
  terminal.answer({ out, files: pollFiles.map((file) => join(out, file)), ...report }, () =>
    facts([
      [
        'polls',
        `${number(taken)} taken${known > 0 ? `, ${number(known)} taken before` : ''}${failures > 0 ? `, ${number(failures)} failed` : ''}`,
      ],
      ['listed', `${number(listed)}, ${number(invalid)} of them invalid`],
      ['enqueued', `${number(enqueued)}, and ${number(duplicatesSkipped)} duplicates that were not`],
      ['tasks', `${number(distinctTasks)}, ${number(completed)} of them completed`],
      ['given up', given > 0 ? `${number(given)}: ${listedOf(dlqCodes)}` : undefined],
      ...pollFiles.map((file, place) => [place === 0 ? 'outputs' : '', join(out, file)] as const),
      ['look', name === null ? undefined : `millrace queue ${shellWord(name)} repeated`],
    ]),
  );
  if (taken + known === 0 && failures > 0) return exitCodes.failed;
  return given > 0 ? exitCodes.withFailures : exitCodes.complete;
}
