import { isDeadSql } from './owners.ts';

/**
 * SQL: whether the session `s` may take its seat: those who sit, and those who wait before it, leave one free. Whoever waits for a dead
 * host, is held, or is to be cancelled does not keep others waiting. `?1` is the time.
 */
export const hasFreeSeatSql = `(s.seat_key is null or s.seat_limit > (
  select count(*) from sessions other indexed by sessions_seats
  where other.seat_key = s.seat_key and other.ended = 0 and other.seat_key is not null and other.pruned = 0 and other.no <> s.no and (
    other.state <> 'pending' or (
      other.paused = 0 and other.cancel_reason is null and not ${isDeadSql('other.coordinator')}
      and (other.priority > s.priority or (other.priority = s.priority and other.no < s.no))
    )
  )
))`;

/** `?1` is the time, `?2` the session's id. */
export const freeSeatSql = `select 1 from sessions s where s.id = ?2 and ${hasFreeSeatSql}`;
