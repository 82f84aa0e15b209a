import { brief, duration, facts, moment, number, table, withCode } from '../terminal/words.ts';
import type { SessionDescription, TimelineStretch } from './describe-session.ts';
import { itemsKnown } from './items-known.ts';
import { statusWord } from './status-word.ts';

/** A session for people to read: facts first, then what failed, then when batches ended. */
export function sessionText(session: SessionDescription): string {
  const parts = [
    facts(factsOf(session)),
    section('Failing batches', failingRows(session)),
    section('Dead letters', letterRows(session)),
    section('Slowest batches', slowestRows(session)),
    section('Attempts ended over time', timelineRows(session.timeline)),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

type Fact = readonly [name: string, text: string | undefined];

function factsOf(session: SessionDescription): Fact[] {
  const { items, batches } = session.counts;
  const { startedAt, endedAt, error, counters, metadata, attempts } = session;
  return [
    ['session', session.id],
    ['job', `${session.job}, version ${session.version}`],
    ['key', session.key],
    ['status', statusText(session)],
    ['error', error ? withCode(error.code, brief(error.message, 200)) : undefined],
    ['items', itemsKnown(session) ? counted(items) : `${counted(items)} (so far; how many there are is not known yet)`],
    ['batches', counted(batches)],
    ['attempts', counted(attempts)],
    ['counters', counted(counters)],
    ['created', moment(session.createdAt)],
    ['started', moment(startedAt)],
    [
      'ended',
      endedAt === null ? '-' : `${moment(endedAt)}${startedAt === null ? '' : `, after ${duration(endedAt - startedAt)}`}`,
    ],
    ...Object.entries(metadata).map(([name, value]): Fact => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  ];
}

function statusText(session: SessionDescription): string {
  const { status, state, paused, waitingFor } = session;
  const notes = [
    ...(state !== status ? [`state ${state}`] : []),
    ...(paused ? ['paused'] : []),
    ...(status === 'pending' && waitingFor !== null ? [`waits for ${waitingFor}`] : []),
    ...(status === 'crashed' ? ['no living host runs it: millrace resume goes on with it'] : []),
  ];
  const word = statusWord(session);
  return notes.length === 0 ? word : `${word} (${notes.join('; ')})`;
}

/** `365 total, 360 completed, 5 failed`: what is 0 is left out, but for the total. */
function counted(counts: Readonly<Record<string, number>>): string | undefined {
  const words = Object.entries(counts).flatMap(([name, value]) =>
    value > 0 || name === 'total' ? [`${number(value)} ${name}`] : [],
  );
  return words.length > 0 ? words.join(', ') : undefined;
}

type Rows = readonly (readonly string[])[];

function section(title: string, rows: Rows): string {
  return rows.length === 0 ? '' : `${title}\n${table(rows)}`;
}

function failingRows({ failing }: SessionDescription): Rows {
  if (failing.length === 0) return [];
  const rows = failing.map(({ number: place, state, attempt, retryAt, error }) => [
    String(place),
    state,
    String(attempt),
    retryAt === null ? '-' : moment(retryAt),
    error ? `${error.category}: ${brief(error.message)}` : '-',
  ]);
  return [['BATCH', 'STATE', 'ATTEMPTS', 'NEXT (UTC)', 'ERROR'], ...rows];
}

function letterRows({ deadLetters }: SessionDescription): Rows {
  if (deadLetters.length === 0) return [];
  const rows = deadLetters.map(({ itemId, number: batch, attempts, error }) => [
    itemId,
    String(batch),
    String(attempts),
    `${error.category}: ${brief(error.message)}`,
  ]);
  return [['ITEM', 'BATCH', 'ATTEMPTS', 'ERROR'], ...rows];
}

function slowestRows({ slowest }: SessionDescription): Rows {
  return slowest.map(({ number: batch, ms }) => [`batch ${batch}`, duration(ms)]);
}

const barWidth = 40;

function timelineRows(timeline: readonly TimelineStretch[]): Rows {
  const first = timeline[0];
  if (!first) return [];
  const most = Math.max(1, ...timeline.map(({ completed, failed, released }) => completed + failed + released));
  const bar = (count: number, sign: string): string => sign.repeat(Math.ceil((count / most) * barWidth));
  return timeline.map(({ from, completed, failed, released }) => [
    `+${duration(from - first.from)}`,
    number(completed + failed + released),
    `${bar(completed, '#')}${bar(failed, 'x')}${bar(released, '.')}`,
  ]);
}
