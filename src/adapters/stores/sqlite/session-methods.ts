import type { SessionId, Timestamp } from '../../../model/ids.ts';
import { isEndedSession, isSessionMove } from '../../../model/moves.ts';
import type { NewSession, SessionRecord } from '../../../model/records.ts';
import type { SessionFilter, SessionMoved, SessionWrite, Store } from '../../../model/store.ts';
import { cancelOpen } from './cancel-open.ts';
import type { SqliteFile } from './file.ts';
import { toFileText, toFileTextOrNull } from './file-text.ts';
import { notifyEnding } from './notification-methods.ts';
import { hasDiedSql, isDeadSql, type Owners } from './owners.ts';
import { replaySession } from './replay-session.ts';
import { freeSeatSql } from './seats.ts';
import { errorText, readSession, selectSessions } from './session-rows.ts';

type SessionMethods = Pick<
  Store,
  | 'createSession'
  | 'getSession'
  | 'findSession'
  | 'listSessions'
  | 'moveSession'
  | 'requestSession'
  | 'countFinalizeTry'
  | 'replaySession'
  | 'adoptSession'
  | 'leaveSession'
  | 'listCoordinated'
>;

/** What an SQLite store does with sessions. */
export function sessionMethods(file: SqliteFile, owners: Owners): SessionMethods {
  return {
    createSession: async (session) => file.write('session', (now) => createSession(file, owners, session, now)),
    getSession: async (id) => readSession(file, id),
    findSession: async (job, key) =>
      selectSessions(file, 'and s.job = ? and s.key = ? order by s.no desc limit 1', job, toFileText(key))[0],
    async listSessions(filter) {
      if (filter.orphaned) owners.noticeDeaths();
      return listSessions(file, filter);
    },
    async moveSession(move) {
      // Who waits for a seat asks again and again: nothing is written for that.
      if (!mayStart(file, move, file.now())) return { moved: false, session: readSession(file, move.id) };
      return file.write('session', (now) => moveSession(file, move, now));
    },
    requestSession: async (id, request) =>
      file.write('session', () => {
        const sql = `update sessions set paused = coalesce(?, paused), cancel_reason = coalesce(cancel_reason, ?),
          event_number = event_number + 1 where id = ? and ended = 0`;
        file.run(
          sql,
          request.paused === undefined ? null : Number(request.paused),
          toFileTextOrNull(request.cancelReason ?? null),
          id,
        );
        return readSession(file, id);
      }),
    countFinalizeTry: async (id, epoch) =>
      file.write('session', () => {
        const sql = 'update sessions set finalize_tries = finalize_tries + 1 where id = ? and epoch = ? and pruned = 0';
        return file.run(sql, id, epoch) === 1 ? readSession(file, id)?.finalizeTries : undefined;
      }),
    async replaySession(replay) {
      return file.write('session', (now) => replaySession(file, owners.livingNo(replay.owner, now), replay, now));
    },
    async adoptSession(id, owner) {
      owners.noticeDeaths();
      return file.write('session', (now) => adoptSession(file, owners.livingNo(owner, now), id, now));
    },
    listCoordinated: async (owner) =>
      file.all<Pick<SessionRecord, 'id' | 'epoch'>>(
        'select id, epoch from sessions where ended = 0 and pruned = 0 and coordinator = (select no from owners where id = ?)',
        owner,
      ),
    async leaveSession(id, epoch) {
      file.write('session', () => file.run('update sessions set coordinator = null where id = ? and epoch = ?', id, epoch));
    },
  };
}

/** Records a session, unless one of its key is live. */
export function createSession(
  file: SqliteFile,
  owners: Owners,
  session: NewSession,
  now: Timestamp,
): { readonly type: 'created' | 'live'; readonly session: SessionRecord } {
  const same = readSession(file, session.id);
  if (same) return { type: 'created', session: same };
  const [live] = selectSessions(file, 'and s.job = ? and s.key = ? and s.ended = 0', session.job, toFileText(session.key));
  if (live) return { type: 'live', session: live };
  file.run(
    `insert into sessions (id, job, version, key, state, priority, coordinator, fingerprint, chunking, keep_ms, created_at,
      seat_key, seat_limit, notifies)
    values (?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    session.id,
    session.job,
    toFileText(session.version),
    toFileText(session.key),
    session.priority,
    session.coordinator === null ? null : owners.noOf(session.coordinator),
    toFileText(session.fingerprint),
    session.chunking,
    session.keepMs,
    now,
    session.seat ? toFileText(session.seat.key) : null,
    session.seat?.limit ?? null,
    Number(session.notifies ?? false),
  );
  file.run(
    `insert into session_values (session, input, settings, policies, metadata)
    values ((select no from sessions where id = ?), ?, ?, ?, ?)`,
    session.id,
    session.input,
    session.settings,
    session.policies,
    session.metadata,
  );
  return { type: 'created', session: readSession(file, session.id) as SessionRecord };
}

function listSessions(file: SqliteFile, filter: SessionFilter): readonly SessionRecord[] {
  const conditions: string[] = [];
  const parameters: (string | number)[] = [file.now()];
  const add = (condition: string, value: string | number): void => {
    parameters.push(value);
    conditions.push(`and ${condition.replace('?', `?${parameters.length}`)}`);
  };
  if (filter.id !== undefined) add('s.id = ?', filter.id);
  if (filter.job !== undefined) add('s.job = ?', filter.job);
  if (filter.states) add('s.state in (select value from json_each(?))', JSON.stringify(filter.states));
  if (filter.createdSince !== undefined) add('s.created_at >= ?', filter.createdSince);
  if (filter.seatKey !== undefined) add('s.ended = 0 and s.seat_key = ?', toFileText(filter.seatKey));
  if (filter.after !== undefined) add('s.no < (select no from sessions where id = ?)', filter.after);
  if (filter.orphaned) conditions.push(`and s.ended = 0 and ${isDeadSql('s.coordinator')}`);
  // The time is bound in any case, so that parameters keep their numbers.
  return selectSessions(
    file,
    `and ?1 is not null ${conditions.join(' ')} order by s.no desc limit ${limitOf(filter)}`,
    ...parameters,
  );
}

function limitOf({ limit }: { readonly limit: number }): number {
  return Math.max(0, Math.trunc(limit));
}

function moveSession(file: SqliteFile, move: SessionWrite, now: Timestamp): SessionMoved {
  const moved = isSessionMove(move.from, move.to) && mayStart(file, move, now) && writeState(file, move, now);
  if (moved) {
    if (move.cancelOpen) cancelOpen(file, move.id, now);
    if (isEndedSession(move.from)) startGeneration(file, move.id);
    if (move.to === 'completed') {
      file.run(
        'update session_values set result = ? where session = (select no from sessions where id = ?)',
        move.result ?? null,
        move.id,
      );
      file.run('update sessions set result_generation = generation where id = ?', move.id);
    }
    if (move.error !== undefined) file.run('update sessions set error = ? where id = ?', errorText(move.error), move.id);
  }
  const session = readSession(file, move.id);
  if (moved && session && isEndedSession(move.to)) notifyEnding(file, session);
  return { moved, session };
}

/** A session starts once it has its seat, if it needs one. */
function mayStart(file: SqliteFile, { id, from, to }: SessionWrite, now: Timestamp): boolean {
  return from !== 'pending' || to !== 'running.streaming' || file.get(freeSeatSql, now, id) !== undefined;
}

/** One statement checks and moves. The barrier looks at the batches themselves: counts are for people. */
export const moveSql = `
update sessions set state = ?1, ended = ?2, ended_at = ?3, event_number = event_number + 1,
  started_at = case when ?1 = 'running.streaming' then coalesce(started_at, ?7) else started_at end
where id = ?4 and epoch = ?5 and state = ?6 and pruned = 0
  and (ended = 0 or not exists (select 1 from sessions o where o.job = sessions.job and o.key = sessions.key and o.ended = 0))
  and (?8 = 0 or (source_ended = 1 and not exists (select 1 from batches b indexed by batches_open where b.session = sessions.no and b.state < 10)))`;

function writeState(file: SqliteFile, move: SessionWrite, now: Timestamp): boolean {
  const ended = isEndedSession(move.to);
  const endedAt = ended ? now : null;
  const barrier = Number(move.requireNothingOpen ?? false);
  return file.run(moveSql, move.to, Number(ended), endedAt, move.id, move.epoch, move.from, now, barrier) === 1;
}

function startGeneration(file: SqliteFile, id: SessionId): void {
  file.run('update sessions set generation = generation + 1, finalize_tries = 0, takeovers = 0 where id = ?', id);
}

function adoptSession(file: SqliteFile, ownerNo: number | undefined, id: SessionId, now: Timestamp): SessionRecord | undefined {
  if (ownerNo === undefined) return undefined;
  const sql = `update sessions set coordinator = ?2, epoch = epoch + 1, event_number = event_number + 1,
    takeovers = takeovers + ${hasDiedSql('coordinator')}
    where id = ?3 and ended = 0 and pruned = 0 and ${isDeadSql('coordinator')}`;
  if (file.run(sql, now, ownerNo, id) === 1) return readSession(file, id);
  const mine = 'select 1 as mine from sessions where id = ? and ended = 0 and pruned = 0 and coordinator = ?';
  return file.get(mine, id, ownerNo) ? readSession(file, id) : undefined;
}
