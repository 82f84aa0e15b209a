import type { Payload } from '../../../model/codec.ts';
import type { SessionId } from '../../../model/ids.ts';
import type { BatchRecord, OutputRecord } from '../../../model/records.ts';
import type { BatchFilter, OutputFilter, Store } from '../../../model/store.ts';
import { listAttempts } from './attempts.ts';
import { readNumbers, type SessionName, selectBatches } from './batch-rows.ts';
import { commitSessions } from './commit-session.ts';
import { groupLetters, listLetters, purgeLetters } from './dead-letters.ts';
import type { SqliteFile } from './file.ts';
import type { Owners } from './owners.ts';
import { rescueBatches } from './rescue-batches.ts';
import { readSessionRow } from './session-rows.ts';
import { stateCodes } from './state-codes.ts';

type BatchMethods = Pick<
  Store,
  'commit' | 'rescue' | 'listBatches' | 'listOutputs' | 'listAttempts' | 'listDeadLetters' | 'groupFailures' | 'purgeDeadLetters'
>;

/** What an SQLite store does with batches. */
export function batchMethods(file: SqliteFile, owners: Owners): BatchMethods {
  const read = <T>(id: SessionId, list: (session: SessionName) => readonly T[]): readonly T[] =>
    file.read(() => {
      const session = readSessionRow(file, id);
      return session ? list(session) : [];
    });
  return {
    commit: async (commit) => commitSessions(file, owners, commit),
    async rescue(limit) {
      owners.noticeDeaths();
      return rescueBatches(file, limit);
    },
    listBatches: async (filter) => read(filter.sessionId, (session) => listBatches(file, session, filter)),
    listOutputs: async (filter) => read(filter.sessionId, (session) => listOutputs(file, session, filter)),
    listAttempts: async (filter) => listAttempts(file, filter),
    listDeadLetters: async (filter) => read(filter.sessionId, (session) => listLetters(file, session, filter)),
    groupFailures: async (id, limit) => read(id, (session) => groupLetters(file, session, limit)),
    purgeDeadLetters: async (filter) =>
      file.write('session', () => {
        const session = readSessionRow(file, filter.sessionId);
        return session ? purgeLetters(file, session, filter) : 0;
      }),
  };
}

function listBatches(file: SqliteFile, session: SessionName, filter: BatchFilter): readonly BatchRecord[] {
  const index = filter.open ? 'indexed by batches_open ' : '';
  const conditions = [`${index}where session = ?1 and number >= ?2`];
  const parameters: (string | number)[] = [session.no, filter.from ?? 0];
  const add = (condition: (...places: readonly string[]) => string, ...values: readonly (string | number)[]): void => {
    conditions.push(condition(...values.map((_, index) => `?${parameters.length + 1 + index}`)));
    parameters.push(...values);
  };
  if (filter.open) conditions.push('state < 10');
  if (filter.states) conditions.push(`state in (${filter.states.map((state) => stateCodes[state]).join(', ')})`);
  if (filter.numbers) add((place) => `number in (select value from json_each(${place}))`, JSON.stringify(filter.numbers));
  if (filter.dueBy !== undefined) add((place) => `retry_at is not null and retry_at <= ${place}`, filter.dueBy);
  if (filter.touching) {
    const { from, to } = filter.touching;
    add((a, b) => `max(first - overlap_before, ${a}) < min(first + items + overlap_after, ${b})`, from, to);
  }
  const order = filter.dueBy === undefined ? 'number' : 'retry_at, number';
  const rest = `${conditions.join(' and ')} order by ${order} limit ${Math.max(0, Math.trunc(filter.limit))}`;
  return selectBatches(file, session, rest, ...parameters);
}

interface OutputRow {
  readonly no: number;
  readonly number: number;
  readonly places: string | null;
  readonly data: Payload;
}

/** A full page may end within a batch: the rest of that batch is read behind it. */
function listOutputs(file: SqliteFile, { no }: SessionName, { from, to, limit }: OutputFilter): readonly OutputRecord[] {
  const sql = `select no, number, places, data from outputs where session = ? and number between ? and ?
    order by number, no limit ?`;
  const rows = [...file.all<OutputRow>(sql, no, from, to, limit)];
  const last = rows.at(-1);
  if (last && rows.length === limit) {
    const more = 'select no, number, places, data from outputs where session = ? and number = ? and no > ? order by no';
    rows.push(...file.all<OutputRow>(more, no, last.number, last.no));
  }
  return rows.map(({ number, places, data }) => ({ number, places: readNumbers(places), data }));
}
