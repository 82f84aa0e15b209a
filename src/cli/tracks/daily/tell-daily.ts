import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Engine } from '../../../engine/api/api.ts';
import type { TickRun } from '../../../engine/api/schedules.ts';
import { errorInfo } from '../../../model/error-info.ts';
import type { Outcome } from '../../../model/outcome.ts';
import type { ScheduleEvent } from '../../../model/schedule-events.ts';
import { type ExitCode, exitCodes } from '../../exit-code.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { brief, moment, number, table } from '../../terminal/words.ts';
import type { DailyJob, DailyResult } from './daily-job.ts';

/** What became of a user in one tick. */
export interface UserAnswer {
  readonly user: string;
  readonly status: 'completed' | 'failed' | 'cancelled' | 'nothing new' | 'no files' | 'inactive' | 'running elsewhere';
  readonly result?: DailyResult;
  readonly error?: string;
}

/** Waits for the runs of a tick. */
export async function answersOf({
  sessions,
  inputs,
}: TickRun<DailyResult | undefined, DailyResult>): Promise<readonly UserAnswer[]> {
  const answers: UserAnswer[] = [];
  for (const session of sessions) {
    const outcome = await session.outcome();
    const user = session.key;
    if (outcome.status === 'completed')
      answers.push({ user, status: 'completed', ...(outcome.result && { result: outcome.result }) });
    else {
      const [failure] = outcome.failures;
      answers.push({ user, status: outcome.status, error: failure?.message ?? outcome.error.message });
    }
  }
  for (let others = inputs.skipped; others > 0; others--) answers.push({ user: '-', status: 'running elsewhere' });
  return answers;
}

/** Answers for one tick. */
export function tellOnce(terminal: Terminal, answers: readonly UserAnswer[], name: string | null): ExitCode {
  const sorted = [...answers].sort((left, right) => (left.user < right.user ? -1 : 1));
  terminal.answer({ users: sorted, store: name }, () =>
    sorted.length === 0 ? 'There are no users.\n' : table([heading, ...sorted.map(row)]),
  );
  for (const { user, error } of sorted) if (error !== undefined) terminal.complain(`${user}: ${brief(error, 300)}`);
  const failed = sorted.some(({ status }) => status === 'failed' || status === 'cancelled');
  if (!failed) return exitCodes.complete;
  const isGood = sorted.some(({ status }) => status === 'completed' || status === 'nothing new');
  return isGood ? exitCodes.withFailures : exitCodes.failed;
}

const heading = ['USER', 'STATUS', 'TRACKS', 'CHUNKS', 'COMPUTED', 'FROM (UTC)', 'UNTIL (UTC)'];

function row({ user, status, result }: UserAnswer): string[] {
  if (!result) return [user, status, '-', '-', '-', '-', '-'];
  const { tracks, chunks, cached, from, until } = result;
  return [user, status, number(tracks), number(chunks), number(chunks - cached), moment(from), moment(until)];
}

function answerOf(user: string, outcome: Outcome<DailyResult | undefined>): UserAnswer {
  if (outcome.status === 'completed') return { user, status: 'completed', ...(outcome.result && { result: outcome.result }) };
  return { user, status: outcome.status, error: outcome.failures[0]?.message ?? outcome.error.message };
}

/** What following a schedule needs. */
export interface FollowParts {
  readonly terminal: Terminal;
  readonly engine: Engine;
  readonly job: DailyJob;
  /** The schedule's name. */
  readonly schedule: string;
}

/** Says what each tick does, and how its runs end. The answer stops it. */
export function followTicks(parts: FollowParts): () => void {
  const { terminal, schedule } = parts;
  const listener = (message: unknown): void => {
    // What is published on this channel.
    const event = message as ScheduleEvent;
    if (event.schedule !== schedule) return;
    const at = moment(event.at);
    if (event.type === 'tick.ended' && event.error) terminal.complain(`${at}: ${brief(event.error.message)}`);
    if (event.type !== 'tick.input') return;
    const { key, outcome, sessionId, error } = event;
    if (error) terminal.complain(`${at} ${key}: ${brief(error.message)}`);
    if (outcome === 'skipped') terminal.note(`${at} ${key}: left out, since the run before has not ended.`);
    if (sessionId !== null && (outcome === 'started' || outcome === 'resumed')) void tellEnd(parts, at, sessionId);
  };
  subscribe('millrace:schedule', listener);
  return () => void unsubscribe('millrace:schedule', listener);
}

async function tellEnd({ terminal, engine, job }: FollowParts, at: string, id: string): Promise<void> {
  try {
    const session = await engine.find(job, { id });
    if (!session) return;
    const { user, status, result, error } = answerOf(session.key, await session.outcome());
    if (error !== undefined) terminal.complain(`${at} ${user}: ${status}: ${brief(error, 300)}`);
    if (!result) return;
    const { tracks, chunks, cached, until } = result;
    const computed = `${number(chunks - cached)} of ${number(chunks)} chunks computed`;
    terminal.note(`${at} ${user}: ${number(tracks)} tracks until ${moment(until)}, ${computed}.`);
  } catch (thrown) {
    // A run that is handed back at the end of this command goes on with the next.
    const { code, message } = errorInfo(thrown);
    if (code !== 'ENGINE_CLOSED') terminal.complain(message);
  }
}
