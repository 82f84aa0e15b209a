import type { Category } from '../../../../model/errors.ts';
import type { SessionId } from '../../../../model/ids.ts';
import type { CategoryFailures, NormalFailures, Questions, Within } from '../../../../model/questions.ts';
import { createFailureTally, type FailureTally, unknownFailure } from '../../failure-tally.ts';
import type { SqliteFile } from '../file.ts';
import { fromFileText } from '../file-text.ts';

/* Questions about what failed. Only letters and attempts are looked at: they are few beside the batches. */

/** Rows read at once. */
const page = 1_000;

/** States of attempts that failed or crashed. */
const bad = '(2, 3, 4, 5, 6, 11, 12)';

interface LetterRow {
  readonly a: number;
  readonly b: number;
  readonly no: number;
  readonly message: string;
  readonly category: Category;
  readonly items: number;
  readonly item_id: string;
}

interface AttemptRow {
  readonly a: number;
  readonly b: number;
  readonly no: number;
  /** As JSON: only so does every character come through. */
  readonly message: string | null;
  readonly category: Category | null;
}

const letterColumns = 'd.no, d.message, d.category, d.items, d.item_id';
const attemptColumns = "d.no, d.error -> '$.message' as message, d.category";
const behind = 'limit ?5';

/** `?1` is the session, or unused; from `?2` on the place of the last row of the page before. */
export const lettersOfSessionSql = `select d.number as a, d.place as b, ${letterColumns} from dead_letters d indexed by dead_letters_batch
where d.session = ?1 and (d.number, d.place, d.no) > (?2, ?3, ?4) order by d.number, d.place, d.no ${behind}`;

export const lettersSinceSql = `select d.at as a, ?1 as b, ${letterColumns}
from dead_letters d indexed by dead_letters_at join sessions s on s.no = d.session
where (d.at, d.no) > (?2, ?4) and s.pruned = 0 order by d.at, d.no ${behind}`;

export const attemptsOfSessionSql = `select d.number as a, d.execution as b, ${attemptColumns}
from attempts d indexed by attempts_batch
where d.session = ?1 and (d.number, d.execution, d.no) > (?2, ?3, ?4) and d.outcome in ${bad}
order by d.number, d.execution, d.no ${behind}`;

/** The index goes on with the outcome: rows of one moment come in its order. */
export const attemptsSinceSql = `select d.ended_at as a, d.outcome as b, ${attemptColumns}
from attempts d indexed by attempts_ended join sessions s on s.no = d.session
where (d.ended_at, d.outcome, d.no) > (?2, ?3, ?4) and d.outcome in ${bad} and s.pruned = 0
order by d.ended_at, d.outcome, d.no ${behind}`;

export function failures(file: SqliteFile, filter: Questions['failures']['filter']): readonly NormalFailures[] {
  const tally = createFailureTally();
  file.read(() => {
    const place = placeOf(file, filter);
    if (!place) return;
    const { session, from, ofSession } = place;
    readPages<LetterRow>(file, ofSession ? lettersOfSessionSql : lettersSinceSql, session, from, (row) => {
      const { message, category, items, item_id } = row;
      tally.addLetter({ message: fromFileText(message), category }, items, fromFileText(item_id));
    });
    readPages<AttemptRow>(file, ofSession ? attemptsOfSessionSql : attemptsSinceSql, session, from, (row) => addTo(tally, row));
  });
  return tally.groups(filter.limit);
}

function addTo(tally: FailureTally, { message, category }: AttemptRow): void {
  const isKnown = message !== null && category !== null;
  tally.addAttempt(isKnown ? { message: JSON.parse(message) as string, category } : null);
}

interface Place {
  readonly session: number;
  readonly from: number;
  readonly ofSession: boolean;
}

/** Where to begin; undefined when there is no such session. */
function placeOf(file: SqliteFile, { sessionId, since }: Within): Place | undefined {
  if (sessionId === undefined) return { session: 0, from: since, ofSession: false };
  const no = numberOf(file, sessionId);
  return no === undefined ? undefined : { session: no, from: -1, ofSession: true };
}

function numberOf(file: SqliteFile, id: SessionId): number | undefined {
  return file.get<{ no: number }>('select no from sessions where id = ? and pruned = 0', id)?.no;
}

type Paged = { readonly a: number; readonly b: number; readonly no: number };

function readPages<Row extends Paged>(
  file: SqliteFile,
  sql: string,
  session: number,
  from: number,
  take: (row: Row) => void,
): void {
  let last: Paged = { a: from, b: -1, no: -1 };
  for (;;) {
    const rows = file.all<Row>(sql, session, last.a, last.b, last.no, page);
    for (const row of rows) take(row);
    const end = rows.at(-1);
    if (!end || rows.length < page) return;
    last = end;
  }
}

interface CategoryRow {
  readonly category: Category;
  readonly items: number;
  readonly letters: number;
  readonly attempts: number;
}

function categoriesSql(letters: string, attempts: string): string {
  return `select category, sum(items) as items, sum(letters) as letters, sum(attempts) as attempts from (
    select d.category, sum(d.items) as items, count(*) as letters, 0 as attempts from dead_letters d indexed by ${letters}
    and s.pruned = 0 group by d.category
    union all
    select coalesce(d.category, '${unknownFailure.category}'), 0, 0, count(*) from attempts d indexed by ${attempts}
    and d.outcome in ${bad} and s.pruned = 0 group by 1
  ) group by category order by items desc, attempts desc, category`;
}

const ofSession = 'join sessions s on s.no = d.session where d.session = (select no from sessions where id = ?1)';

export const categoriesOfSessionSql = categoriesSql(`dead_letters_batch ${ofSession}`, `attempts_batch ${ofSession}`);
export const categoriesSinceSql = categoriesSql(
  'dead_letters_at join sessions s on s.no = d.session where d.at >= ?1',
  'attempts_ended join sessions s on s.no = d.session where d.ended_at >= ?1',
);

export function categories(file: SqliteFile, { sessionId, since }: Within): readonly CategoryFailures[] {
  return sessionId === undefined
    ? file.all<CategoryRow>(categoriesSinceSql, since)
    : file.all<CategoryRow>(categoriesOfSessionSql, sessionId);
}
