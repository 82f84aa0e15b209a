import type { OwnerId, SessionId } from '../../../../model/ids.ts';
import {
  type BatchCopy,
  batchKey,
  type CopyKind,
  type KeyPage,
  type Replica,
  readBatchKey,
  type StageRecord,
  type Unit,
  type UnitKey,
  type UnitOf,
} from '../../../../model/replica.ts';
import type { SqliteFile } from '../file.ts';
import { busyTimeoutMs } from '../open-file.ts';
import type { Owners } from '../owners.ts';
import { rowKinds } from './kinds.ts';
import { type BatchPut, putBatchCopies } from './put-batches.ts';
import { countWithin, readBatchCopies } from './read-batches.ts';
import { noOfSession, removeSessionCopy } from './session-copy.ts';
import { readStage, writeStage } from './stage.ts';

/** Row by row access to an SQLite store. */
export function sqliteReplica(file: SqliteFile, owners: Owners): Replica {
  return {
    list: async (page) => listKeys(file, page),
    absent: async (keys) => file.read(() => keys.filter((key) => isAbsent(file, key))),
    read: async (keys, bytes) => file.read(() => ({ at: file.now(), units: readUnits(file, keys, bytes) })),
    write: async ({ at, units }) =>
      withoutWaiting(file, () => {
        const isGone = (unit: Unit): unit is UnitOf<'sessions'> => unit.kind === 'sessions' && unit.copy === undefined;
        for (const { key } of units.filter(isGone)) removeSessionCopy(file, key as SessionId);
        file.write('group', () => {
          file.run('update clock set newest = ?1 where newest < ?1', at);
          writeUnits(
            file,
            owners,
            units.filter((unit) => !isGone(unit)),
          );
        });
      }),
    stage: async () => readStage(file),
    setStage: async (record: StageRecord, epoch) => file.write('session', () => writeStage(file, record, epoch)),
    async liveOwners() {
      owners.noticeDeaths();
      const rows = file.all<{ id: OwnerId }>('select id from owners where lease_expires_at > ?', file.now());
      return rows.map(({ id }) => id);
    },
  };
}

/** A store that only takes copies may keep them waiting, but not the host that makes them: its loop stands still while SQLite waits. */
function withoutWaiting(file: SqliteFile, work: () => void): void {
  file.get('pragma busy_timeout = 0');
  try {
    work();
  } finally {
    file.get(`pragma busy_timeout = ${busyTimeoutMs}`);
  }
}

function listKeys(file: SqliteFile, page: KeyPage): readonly string[] {
  const { kind, after, limit } = page;
  if (kind !== 'batches') return rowKinds[kind].list(file, after, limit);
  const no = noOfSession(file, page.session);
  if (no === undefined) return [];
  const from = after === undefined ? 0 : readBatchKey(after).number + 1;
  const ofTable = (table: string): string =>
    `select number from (select distinct number from ${table} where session = ?1 and number >= ?2 order by number limit ?3)`;
  const sql = `${ofTable('batches')} union ${ofTable('dead_letters')} order by number limit ?3`;
  return file.all<{ number: number }>(sql, no, from, limit).map(({ number }) => batchKey(page.session, number));
}

function isAbsent(file: SqliteFile, { kind, key }: UnitKey): boolean {
  if (kind !== 'batches') return rowKinds[kind].read(file, key) === undefined;
  const { session, number } = readBatchKey(key);
  const sql = `select 1 from sessions s where s.id = ?1 and s.pruned = 0 and (
    exists (select 1 from batches where session = s.no and number = ?2) or exists (select 1 from dead_letters where session = s.no and number = ?2))`;
  return file.get(sql, session, number) === undefined;
}

/** Batches of one session that follow one another are read together: a statement each would cost as much as all else. */
function readUnits(file: SqliteFile, keys: readonly UnitKey[], bytes: number): readonly Unit[] {
  const units: Unit[] = [];
  for (let index = 0; index < keys.length; index++) {
    const { kind, key } = keys[index] as UnitKey;
    if (kind !== 'batches') {
      units.push(readRow(file, kind, key));
      continue;
    }
    const group = groupAt(keys, index);
    const { found, isWhole } = readGroup(file, group, bytes);
    units.push(...found);
    if (!isWhole) break;
    index += group.length - 1;
  }
  return units;
}

function readRow(file: SqliteFile, kind: Exclude<CopyKind, 'batches'>, key: string): Unit {
  // The copy is of the kind that it was asked for by.
  return { kind, key, copy: rowKinds[kind].read(file, key) } as Unit;
}

/** The batches from a place on that are of the same session. */
function groupAt(keys: readonly UnitKey[], from: number): readonly string[] {
  const { session } = readBatchKey(keys[from]?.key ?? '');
  const end = keys.findIndex(
    ({ kind, key }, index) => index > from && (kind !== 'batches' || readBatchKey(key).session !== session),
  );
  return keys.slice(from, end === -1 ? undefined : end).map(({ key }) => key);
}

function readGroup(
  file: SqliteFile,
  keys: readonly string[],
  bytes: number,
): { readonly found: readonly Unit[]; readonly isWhole: boolean } {
  const { session: id } = readBatchKey(keys[0] ?? '');
  const no = noOfSession(file, id);
  const numbers = keys.map((key) => readBatchKey(key).number);
  const count = no === undefined ? numbers.length : countWithin(file, no, numbers, bytes);
  const copies: ReadonlyMap<number, BatchCopy> =
    no === undefined ? new Map() : readBatchCopies(file, { no, id }, numbers.slice(0, count));
  const found = keys
    .slice(0, count)
    .map((key, index): Unit => ({ kind: 'batches', key, copy: copies.get(numbers[index] ?? -1) }));
  return { found, isWhole: count === keys.length };
}

function writeUnits(file: SqliteFile, owners: Owners, units: readonly Unit[]): void {
  const batches: BatchPut[] = [];
  for (const unit of units) {
    if (unit.kind !== 'batches') {
      putRow(file, owners, unit);
      continue;
    }
    const { session: id, number } = readBatchKey(unit.key);
    const session = noOfSession(file, id);
    if (session === undefined && unit.copy) throw new Error(`batch ${unit.key} comes before its session`);
    if (session !== undefined) batches.push({ session, number, copy: unit.copy });
  }
  putBatchCopies(file, owners, batches);
}

function putRow(file: SqliteFile, owners: Owners, { kind, key, copy }: Exclude<Unit, UnitOf<'batches'>>): void {
  const methods = rowKinds[kind];
  if (copy === undefined) methods.remove(file, key);
  // As above: a unit's copy is of its kind.
  else (methods.put as (file: SqliteFile, owners: Owners, key: string, copy: unknown) => void)(file, owners, key, copy);
}
