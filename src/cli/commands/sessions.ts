import type { SessionView } from '../../engine/api/session.ts';
import { listViews } from '../../engine/start/stored-sessions.ts';
import { redactValue } from '../../model/redact.ts';
import { defineCommand } from '../arguments/command.ts';
import { oneOf, text, wholeNumber } from '../arguments/options.ts';
import { duration } from '../arguments/units.ts';
import { exitCodes } from '../exit-code.ts';
import { itemsKnown } from '../show/items-known.ts';
import { statusWord } from '../show/status-word.ts';
import { existingStore } from '../store/store-place.ts';
import { brief, duration as inWords, moment, number, table } from '../terminal/words.ts';

const statuses = ['pending', 'running', 'finalizing', 'completed', 'failed', 'crashed', 'cancelled'] as const;

/** `millrace sessions`: lists the sessions of a store. */
export const command = defineCommand({
  name: 'sessions',
  summary: 'Lists the sessions of a store, newest first.',
  operands: 'STORE',
  minOperands: 1,
  maxOperands: 1,
  options: {
    job: text('NAME', 'Only sessions of this job'),
    status: oneOf(statuses, 'Only sessions that stand so; crashed: no living host runs it, resume goes on with it'),
    since: duration('1ms', 'Only sessions created within this time'),
    limit: wholeNumber('N', 1, 1_000_000, 'At most so many (default 100)'),
  },
  examples: ['millrace sessions tracks', 'millrace sessions sqlite:runs.db --status failed --since 1d --json'],
  async run({ operands: [name = ''], options, terminal }) {
    const store = existingStore(name);
    const { job, status, since, limit = 100 } = options;
    await store.open();
    try {
      const views: SessionView[] = [];
      const query = { ...(job && { job }), ...(status && { status }), ...(since !== undefined && { since }) };
      for await (const view of listViews(store, query)) if (views.push(redactValue(view)) >= limit) break;
      terminal.answer(views, () =>
        views.length === 0 ? `${name} has no such sessions.\n` : table([heading, ...views.map(row)]),
      );
      return exitCodes.complete;
    } finally {
      await store.close();
    }
  },
});

const heading = ['SESSION', 'JOB', 'STATUS', 'ITEMS', 'FAILED', 'BATCHES', 'CREATED (UTC)', 'TOOK', 'KEY'];

function row(view: SessionView): string[] {
  const { id, job, paused, counts, createdAt, startedAt, endedAt, key } = view;
  const { items, batches } = counts;
  return [
    id,
    job,
    paused ? `${statusWord(view)} (paused)` : statusWord(view),
    `${number(items.completed)}/${itemsKnown(view) ? number(items.total) : '?'}`,
    number(items.failed),
    `${number(batches.completed)}/${number(batches.total)}`,
    moment(createdAt),
    startedAt !== null && endedAt !== null ? inWords(endedAt - startedAt) : '-',
    brief(key, 60),
  ];
}
