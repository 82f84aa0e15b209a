import type { SqliteDriver } from '../src/adapters/stores/sqlite/driver.ts';

/** Rows that one transaction writes. */
const rowsTogether = 1_000;

const table = `
create table batches (
  session integer not null,
  number integer not null,
  first integer not null,
  items integer not null,
  state integer not null,
  attempt integer not null,
  execution integer not null,
  token text,
  owner integer,
  enqueued_at integer not null,
  claimed_at integer,
  ended_at integer,
  ms real,
  primary key (session, number)
) without rowid`;

/** A loop of bare statements. */
export interface BareLoop {
  /** Writes so many rows, three times each. */
  write(rows: number): void;
  close(): void;
}

/**
 * The least that a tracked, durable batch can cost: a row that is inserted as pending, set to running by its number and to completed
 * by its token, 1,000 rows a transaction. Columns and bytes as in the engine's own table; no index besides the key, no engine, nothing read.
 */
export function openBareLoop(driver: SqliteDriver, path: string): BareLoop {
  const connection = driver.connect(path);
  connection.prepare('pragma journal_mode = wal').get([]);
  connection.exec(`pragma synchronous = normal; ${table}`);
  const insert = connection.prepare(
    'insert into batches (session, number, first, items, state, attempt, execution, enqueued_at) values (?, ?, ?, 1, 0, 0, 0, ?)',
  );
  const claim = connection.prepare(
    'update batches set state = 1, attempt = 1, token = ?, owner = 1, claimed_at = ? where session = ? and number = ? and state = 0',
  );
  const complete = connection.prepare(
    'update batches set state = 10, ended_at = ?, ms = ? where session = ? and number = ? and token = ? and state = 1',
  );
  let session = 0;
  const inTransaction = (from: number, to: number, write: (number: number) => number): void => {
    let written = 0;
    connection.exec('begin immediate');
    for (let number = from; number < to; number++) written += write(number);
    connection.exec('commit');
    if (written !== to - from) throw new Error(`${written} of ${to - from} rows were written`);
  };
  const tokenOf = (number: number): string => `0123456789ab:${number.toString(36)}`;
  return {
    write(rows) {
      session++;
      for (let from = 0; from < rows; from += rowsTogether) {
        const to = Math.min(from + rowsTogether, rows);
        inTransaction(from, to, (number) => insert.run([session, number, number, Date.now()]));
        inTransaction(from, to, (number) => claim.run([tokenOf(number), Date.now(), session, number]));
        inTransaction(from, to, (number) => complete.run([Date.now(), 0.001, session, number, tokenOf(number)]));
      }
    },
    close: () => connection.close(),
  };
}
