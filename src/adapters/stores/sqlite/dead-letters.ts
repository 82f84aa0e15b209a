import type { Category } from '../../../model/errors.ts';
import type { Timestamp } from '../../../model/ids.ts';
import type { DeadLetter, FailureGroup } from '../../../model/outcome.ts';
import type { BatchWrite, LetterFilter, NewDeadLetter, PageFilter } from '../../../model/store.ts';
import type { SessionName } from './batch-rows.ts';
import type { SqliteValue } from './driver.ts';
import type { SqliteFile } from './file.ts';
import { fromFileText, toFileText } from './file-text.ts';
import { readError, unreadable } from './session-rows.ts';
import type { Commitment } from './write-batch.ts';

/*
 * Dead letters hang on the session, by the number of the batch whose core has the item: that batch may not have been cut yet
 * when the item dies as part of a neighbour's overlap.
 */

/** Takes back and adds the letters of a write, and keeps what was given up in step. Answers by how much it rose for the write's own batch. */
export function applyLetters(commitment: Commitment, { number, takeBack = [], deadLetters = [] }: BatchWrite): number {
  let own = 0;
  for (const place of takeBack) own -= takeBackLetter(commitment, number, place);
  for (const letter of deadLetters) {
    const added = addLetter(commitment, letter.number ?? number, letter);
    if ((letter.number ?? number) === number) own += added;
  }
  return own;
}

export const takeBackSql = 'select items from dead_letters where session = ? and number = ? and place = ?';

function takeBackLetter(commitment: Commitment, number: number, place: number): number {
  const { file, session } = commitment;
  const items = file.get<{ items: number }>(takeBackSql, session, number, place)?.items;
  if (items === undefined) return 0;
  file.run('delete from dead_letters where session = ? and number = ? and place = ?', session, number, place);
  giveUp(commitment, number, -items);
  return items;
}

export const addLetterSql = `insert into dead_letters (session, number, place, item_id, items, task_id, message, category, error, attempts, at)
select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11
where not exists (select 1 from dead_letters where session = ?1 and number = ?2 and place = ?3)`;

function addLetter(commitment: Commitment, number: number, letter: NewDeadLetter): number {
  const { file, session, now } = commitment;
  const added = file.run(
    addLetterSql,
    session,
    number,
    letter.place,
    toFileText(letter.itemId),
    letter.items,
    toFileText(letter.taskId),
    toFileText(letter.error.message),
    letter.error.category,
    JSON.stringify(letter.error),
    letter.attempts,
    now,
  );
  if (added === 0) return 0;
  giveUp(commitment, number, letter.items);
  return letter.items;
}

function giveUp({ file, session, tally }: Commitment, number: number, items: number): void {
  tally.itemsFailed += items;
  file.run('update batches set given_up = given_up + ? where session = ? and number = ?', items, session, number);
}

/** What of batches that were cut now, from a number on, died before, as part of their neighbours. */
export function giveUpAhead(file: SqliteFile, session: number, from: number): void {
  const sql = `update batches set given_up = (select sum(items) from dead_letters d where d.session = ?1 and d.number = batches.number)
    where session = ?1 and number in (select number from dead_letters where session = ?1 and number >= ?2)`;
  file.run(sql, session, from);
}

interface LetterRow {
  readonly number: number;
  readonly place: number;
  readonly item_id: string;
  readonly items: number;
  readonly task_id: string;
  readonly error: string;
  readonly attempts: number;
  readonly at: Timestamp;
}

/** The letters that a filter names, by batch, then place. */
export function listLetters(file: SqliteFile, session: SessionName, filter: PageFilter & LetterFilter): readonly DeadLetter[] {
  const [where, parameters] = conditionOf(session, filter);
  const sql = `select number, place, item_id, items, task_id, error, attempts, at from dead_letters ${where}
    order by number, place, no limit ? offset ?`;
  return file.all<LetterRow>(sql, ...parameters, filter.limit, filter.after).map((row) => ({
    sessionId: session.id,
    itemId: fromFileText(row.item_id),
    taskId: fromFileText(row.task_id),
    number: row.number,
    place: row.place,
    items: row.items,
    error: readError(row.error) ?? unreadable,
    attempts: row.attempts,
    at: row.at,
  }));
}

/** Deletes letters. What was given up stays counted. Answers how many. */
export function purgeLetters(file: SqliteFile, session: SessionName, filter: LetterFilter): number {
  const [where, parameters] = conditionOf(session, filter);
  return file.run(`delete from dead_letters ${where}`, ...parameters);
}

function conditionOf(
  { no }: SessionName,
  { number, itemId, group }: LetterFilter,
): readonly [where: string, parameters: readonly SqliteValue[]] {
  const parts: readonly (readonly [condition: string, value: SqliteValue | undefined])[] = [
    ['session = ?', no],
    ['number = ?', number],
    ['item_id = ?', itemId === undefined ? undefined : toFileText(itemId)],
    ['message = ?', group && toFileText(group.message)],
    ['category = ?', group?.category],
  ];
  const given = parts.flatMap(([condition, value]) => (value === undefined ? [] : [{ condition, value }]));
  return [`where ${given.map(({ condition }) => condition).join(' and ')}`, given.map(({ value }) => value)];
}

const maxExamples = 5;

interface GroupRow {
  readonly message: string;
  readonly category: Category;
  readonly items: number;
}

/** Letters by message and category, the largest group first. */
export function groupLetters(file: SqliteFile, { no }: SessionName, limit: number): readonly FailureGroup[] {
  const sql = `select message, category, sum(items) as items from dead_letters where session = ?
    group by message, category order by items desc, message limit ?`;
  const examples = `select item_id from dead_letters where session = ? and message = ? and category = ?
    order by number, place, no limit ${maxExamples}`;
  return file.all<GroupRow>(sql, no, limit).map(({ message, category, items }) => ({
    message: fromFileText(message),
    category,
    items,
    examples: file.all<{ item_id: string }>(examples, no, message, category).map((row) => fromFileText(row.item_id)),
  }));
}
