import { createQueries, type Queries } from '../../engine/api/queries.ts';
import { redactValue } from '../../model/redact.ts';
import type { Store } from '../../model/store.ts';
import { defineCommand } from '../arguments/command.ts';
import { text, wholeNumber } from '../arguments/options.ts';
import { duration } from '../arguments/units.ts';
import { UsageError } from '../arguments/usage-error.ts';
import { exitCodes } from '../exit-code.ts';
import * as tables from '../queries/answer-tables.ts';
import * as waiting from '../queries/waiting-tables.ts';
import { withStore } from '../queries/with-store.ts';
import { findSession } from '../store/find-session.ts';
import { number, table } from '../terminal/words.ts';

/** What a question needs: who answers, where and how far to look. */
interface Asked {
  readonly queries: Queries;
  readonly store: Store;
  readonly taskId: string | undefined;
  readonly scope: { readonly session?: string; readonly within?: number };
  readonly limit: { readonly limit?: number };
  readonly longerThan: number | undefined;
}

interface Answer {
  readonly value: unknown;
  readonly rows: tables.Rows;
  /** What to say when there are no rows. */
  readonly none: string;
  readonly below?: string;
}

type Question = (asked: Asked) => Promise<Answer>;

function listed<Value>(value: Value, rows: tables.Rows, none: string, below?: string): Answer {
  return { value, rows, none, ...(below !== undefined && { below }) };
}

const questions: Readonly<Record<string, Question>> = {
  async stats({ queries, scope: { within } }) {
    const jobs = await queries.jobs();
    const times = await queries.times(within === undefined ? {} : { within });
    const rows = tables.timesRows(times);
    const below =
      rows.length > 0 ? `\nCompleted ${within === undefined ? 'in the last 24 hours' : 'in this time'}\n${table(rows)}` : '';
    return listed({ jobs, times }, tables.jobRows(jobs), 'There are no sessions.', below);
  },
  async active({ queries, store, limit }) {
    const found = await queries.active(limit);
    return listed(found, tables.runningRows(found, await store.now()), 'Nothing runs.');
  },
  async registered({ queries }) {
    const jobs = await queries.jobs();
    const value = jobs.map(({ job, version, newestAt }) => ({ job, version, newestAt }));
    return listed(value, tables.registeredRows(jobs), 'There are no jobs.');
  },
  async stuck({ queries, store, limit, longerThan }) {
    const found = await queries.stuck({ ...limit, ...(longerThan !== undefined && { longerThan }) });
    return listed(found, tables.runningRows(found, await store.now()), 'Nothing is stuck.');
  },
  async chain({ queries, taskId, limit }) {
    if (taskId === undefined) throw new UsageError('chain needs a task id: millrace queue STORE chain TASKID.');
    const links = await queries.chain(taskId, limit);
    return listed(links, tables.chainRows(links), `There is no batch of the task ${taskId}.`);
  },
  async crashed({ queries, scope, limit }) {
    const found = await queries.crashed({ ...scope, ...limit });
    return listed(found, tables.crashedRows(found), 'Nothing crashed.');
  },
  async slowest({ queries, scope, limit }) {
    const found = await queries.slowest({ ...scope, ...limit });
    return listed(found, tables.batchRows(found), 'Nothing completed.');
  },
  async failures({ queries, scope, limit }) {
    const found = await queries.failures({ ...scope, ...limit });
    return listed(found, tables.failureRows(found), 'Nothing failed.');
  },
  async categories({ queries, scope }) {
    const found = await queries.categories(scope);
    return listed(found, tables.categoryRows(found), 'Nothing failed.');
  },
  async repeated({ queries, scope: { within }, limit }) {
    const found = await queries.repeated({ ...(within !== undefined && { within }), ...limit });
    const { executions, tasks, repeated, skipped } = found;
    const sums = `${number(executions)} executions of ${number(tasks)} tasks; ${number(repeated)} came again; ${number(skipped)} executions were not run.`;
    return listed(found, tables.repeatedRows(found), sums, `${sums}\n`);
  },
  async depth({ queries, store }) {
    const found = await queries.depth();
    return listed(found, waiting.depthRows(found, await store.now()), 'Nothing waits.');
  },
  async notifications({ queries, limit }) {
    const found = await queries.notifications(limit);
    return listed(found, waiting.notificationRows(found), 'All is told.');
  },
  async newest({ queries, limit }) {
    const found = await queries.newest(limit);
    return listed(found, tables.batchRows(found), 'There are no batches.');
  },
  async verify({ queries, scope: { session } }) {
    if (session === undefined) throw new UsageError('verify needs a session: millrace queue STORE verify --session SESSION.');
    const found = await queries.verify(session);
    const heading = ['STATE', 'BATCHES', 'ITEMS', 'COMPLETED', 'FAILED'];
    const rows = found.rows.map((row) => [row.state, ...[row.batches, row.items, row.completed, row.failed].map(number)]);
    const verdict = found.differences.length === 0 ? 'The counts are what the rows say.' : found.differences.join('\n');
    return listed(found, rows.length === 0 ? [] : [heading, ...rows], verdict, `${verdict}\n`);
  },
};

/** `millrace queue`: questions about all that a store holds. */
export const command = defineCommand({
  name: 'queue',
  summary: 'Answers a question about all that a store holds.',
  operands: `STORE ${Object.keys(questions).join('|')} [TASKID]`,
  minOperands: 2,
  maxOperands: 3,
  options: {
    session: text('SESSION', 'Only this session: an id or its beginning (crashed, slowest, failures, categories, verify)'),
    within: duration('1ms', 'Only what ended, or for repeated was enqueued, within this time (default 1d)'),
    'longer-than': duration('1ms', 'stuck: what runs longer than this (default 1h); what lost its host is stuck in any case'),
    limit: wholeNumber('N', 1, 1_000_000, 'At most so many rows'),
  },
  notes: [
    'stats: jobs and their sums. active: what runs. registered: jobs that the store knows. stuck: what runs and will not end.',
    'chain TASKID: every batch and attempt of a task. crashed, slowest, failures, categories: what went wrong, and what took long.',
    'depth: what waits, by job, and how long. notifications: what hosts were not told yet, or not at all.',
    'repeated: tasks that were enqueued again. newest: the batches with the newest change. verify: counts the rows of a session.',
  ],
  examples: [
    'millrace queue tracks stats',
    'millrace queue sqlite:runs.db chain sum:big.txt#7',
    'millrace queue sqlite:runs.db failures --session 4f1c --json',
  ],
  async run({ operands: [name = '', word = '', taskId], options, terminal }) {
    const question = Object.hasOwn(questions, word) ? questions[word] : undefined;
    if (!question) throw new UsageError(`There is no question ${word}; there are ${Object.keys(questions).join(', ')}.`);
    if (taskId !== undefined && word !== 'chain') throw new UsageError(`${word} takes no task id; only chain does.`);
    return withStore(name, async (store) => {
      const { session, within, limit } = options;
      const answer = await question({
        queries: createQueries(store),
        store,
        taskId,
        scope: {
          ...(session !== undefined && { session: (await findSession(store, name, session)).id }),
          ...(within !== undefined && { within }),
        },
        limit: limit === undefined ? {} : { limit },
        longerThan: options['longer-than'],
      });
      const rows = redactValue(answer.rows);
      terminal.answer(redactValue(answer.value), () =>
        rows.length === 0 ? `${answer.none}\n` : `${table(rows)}${answer.below ?? ''}`,
      );
      return exitCodes.complete;
    });
  },
});
