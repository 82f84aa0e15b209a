import type { ErrorInfo } from '../../../model/errors.ts';
import type { Timestamp, Token } from '../../../model/ids.ts';
import { type BatchState, isEndedBatch } from '../../../model/moves.ts';
import type { BatchWrite } from '../../../model/store.ts';
import { endsClaim, isLegalWrite, isProgress, isWaiting, type Tally, tallyMove } from '../tally.ts';
import { numbersText } from './batch-rows.ts';
import { forgetHit, writeCache } from './cached-outputs.ts';
import { applyLetters } from './dead-letters.ts';
import type { SqliteFile } from './file.ts';
import { errorText } from './session-rows.ts';
import { stateCodes, stateOf } from './state-codes.ts';

/** A session's part of a commit, while it is carried out. */
export interface Commitment {
  readonly file: SqliteFile;
  readonly session: number;
  readonly epochHolds: boolean;
  readonly now: Timestamp;
  /** The session's counts, changed here and written at the end. */
  readonly tally: Tally;
  readonly counters: Map<string, number>;
  takeovers: number;
}

/** Carries out one write, if its batch is where the write says and its fence holds. Answers whether it did. */
export function applyWrite(commitment: Commitment, write: BatchWrite): boolean {
  if (!isLegalWrite(write) || (write.from !== 'running' && !commitment.epochHolds)) return false;
  if (!(isPlain(write) ? completeBatch(commitment, write) : moveBatch(commitment, write))) return false;
  const { tally, counters } = commitment;
  tallyMove(tally, write.from, write.to);
  tally.itemsCompleted += write.itemsCompleted ?? 0;
  if (write.counters) count(counters, write.counters, 1);
  if (write.output) addOutput(commitment, write.number, write.output, write.counters);
  if (write.cache) writeCache(commitment, write, write.cache);
  if (isProgress(write)) commitment.takeovers = 0;
  return true;
}

interface EndedClaim {
  readonly state: number;
  readonly token: string | null;
  readonly newest: string | null;
  readonly outcome: number | null;
}

/** Whether a write was done before: its claim is the newest that ended, and ended so. */
export function isSettledSo({ file, session }: Commitment, write: BatchWrite): boolean {
  if (write.token === undefined || !endsClaim(write)) return false;
  const sql = `select b.state, b.token, a.token as newest, a.outcome from batches b
    left join attempts a on a.no = (select max(no) from attempts where session = b.session and number = b.number)
    where b.session = ? and b.number = ?`;
  const row = file.get<EndedClaim>(sql, session, write.number);
  if (row?.state === stateCodes.completed) return write.to === 'completed' && row.token === write.token;
  return row?.newest === write.token && row?.outcome === stateCodes[write.to];
}

/** A write that one statement carries out: most are. */
function isPlain(write: BatchWrite): boolean {
  return (
    write.from === 'running' &&
    write.to === 'completed' &&
    write.items === undefined &&
    write.hash === undefined &&
    write.suspect === undefined &&
    write.remaining === undefined &&
    write.error === undefined &&
    write.isolation === undefined &&
    write.takeBack === undefined &&
    !write.dropOutputs &&
    (write.deadLetters === undefined || write.deadLetters.length === 0)
  );
}

/** By primary key; the rest of the condition is the fence. */
export const completeSql = `update batches set state = 10, attempt = ?, completed = completed + ?, ended_at = ?, ms = ?
where session = ? and number = ? and state = 1 and token = ?`;

function completeBatch({ file, session, now }: Commitment, write: BatchWrite): boolean {
  const { attempt, itemsCompleted = 0, ms = null, number, token = null } = write;
  return file.run(completeSql, attempt, itemsCompleted, now, ms, session, number, token) === 1;
}

/** What a move needs to know of the row. */
export interface MovedRow {
  readonly state: number;
  readonly token: Token | null;
  readonly items: number;
  readonly completed: number;
  readonly given_up: number;
}

export const movedSql = 'select state, token, items, completed, given_up from batches where session = ? and number = ?';

function moveBatch(commitment: Commitment, write: BatchWrite): boolean {
  const { file, session, tally } = commitment;
  const row = file.get<MovedRow>(movedSql, session, write.number);
  if (!row || stateOf(row.state) !== write.from) return false;
  if (write.from === 'running' && (row.token === null || row.token !== write.token)) return false;
  if (write.from === 'running' && write.to !== 'completed')
    noteAttempt(commitment, write.number, write.to, write.error, write.ms);
  if (write.from === 'completed') {
    noteCompleted(commitment, write.number);
    forgetHit(commitment, write.number);
  }
  if (write.dropOutputs) dropOutputs(commitment, write.number);
  const items = write.items ?? row.items;
  tally.items += items - row.items;
  const givenUp = row.given_up + applyLetters(commitment, write);
  const completed = row.completed + (write.itemsCompleted ?? 0);
  if (write.to === 'cancelled') tally.itemsCancelled += items - completed - givenUp;
  writeRow(commitment, write, items, completed);
  return true;
}

export const moveSql = `update batches set state = ?1, attempt = ?2, items = ?3, completed = ?4, retry_at = ?5,
  ended_at = ?6, ms = coalesce(?7, ms), hash = coalesce(hash, ?8), suspect = coalesce(?9, suspect),
  remaining = case when ?10 then ?11 else remaining end, error = case when ?12 then ?13 else error end,
  isolation = case when ?16 then ?17 else isolation end,
  token = case when ?1 = 10 then token end, owner = case when ?1 = 10 then owner end
where session = ?14 and number = ?15`;

function writeRow({ file, session, now }: Commitment, write: BatchWrite, items: number, completed: number): void {
  file.run(
    moveSql,
    stateCodes[write.to],
    write.attempt,
    items,
    completed,
    isWaiting(write.to) ? Math.round(now + (write.retryInMs ?? 0)) : null,
    isEndedBatch(write.to) ? now : null,
    write.ms ?? null,
    write.hash ?? null,
    write.suspect === undefined ? null : Number(write.suspect),
    Number(write.remaining !== undefined),
    numbersText(write.remaining),
    Number(write.error !== undefined),
    errorText(write.error),
    session,
    write.number,
    Number(write.isolation !== undefined),
    write.isolation ? JSON.stringify(write.isolation) : null,
  );
}

/** Notes an attempt that did not complete its batch, before the row goes on. */
export function noteAttempt(
  { file, session, now }: Pick<Commitment, 'file' | 'session' | 'now'>,
  number: number,
  to: BatchState,
  error?: ErrorInfo | null,
  ms?: number,
): void {
  file.run(
    `insert into attempts (session, number, execution, token, owner, outcome, category, error, claimed_at, ended_at, ms)
    select session, number, execution, token, owner, ?, ?, ?, claimed_at, ?, ? from batches where session = ? and number = ?`,
    stateCodes[to],
    error?.category ?? null,
    errorText(error),
    now,
    ms ?? null,
    session,
    number,
  );
}

/** The attempt that completed a batch is in its row: before that one is opened again, it goes to the others. */
function noteCompleted({ file, session }: Commitment, number: number): void {
  file.run(
    `insert into attempts (session, number, execution, token, owner, outcome, claimed_at, ended_at, ms)
    select session, number, execution, token, owner, state, claimed_at, ended_at, ms from batches
    where session = ? and number = ? and token is not null`,
    session,
    number,
  );
}

function addOutput(
  { file, session }: Commitment,
  number: number,
  output: NonNullable<BatchWrite['output']>,
  counters: BatchWrite['counters'],
): void {
  const sql = 'insert into outputs (session, number, places, data, counters) values (?, ?, ?, ?, ?)';
  file.run(sql, session, number, numbersText(output.places), output.data, counters ? JSON.stringify(counters) : null);
}

/** What was counted with an output goes with it. */
function dropOutputs({ file, session, counters }: Commitment, number: number): void {
  const sql = 'select counters from outputs where session = ? and number = ? and counters is not null';
  for (const row of file.all<{ counters: string }>(sql, session, number)) {
    count(counters, JSON.parse(row.counters) as Readonly<Record<string, number>>, -1);
  }
  file.run('delete from outputs where session = ? and number = ?', session, number);
}

function count(counters: Map<string, number>, by: Readonly<Record<string, number>>, sign: 1 | -1): void {
  for (const [name, value] of Object.entries(by)) counters.set(name, (counters.get(name) ?? 0) + sign * value);
}
