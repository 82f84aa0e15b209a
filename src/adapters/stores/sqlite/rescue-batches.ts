import { hostDeath } from '../host-death.ts';
import type { SqliteFile } from './file.ts';
import { hasDiedSql, isDeadSql } from './owners.ts';
import { errorText } from './session-rows.ts';
import { stateCodes } from './state-codes.ts';
import { noteAttempt } from './write-batch.ts';

interface LostBatch {
  readonly session: number;
  readonly number: number;
}

/** Running batches of owners without a lease, through the index of open batches: what has ended is never looked at. */
export const lostSql = `select session, number from batches indexed by batches_open
where state = 1 and state < 10 and ${isDeadSql('owner')} limit ?2`;

/** A host that signed off with work in hand has not died of it. */
export const crashSql = `update batches set state = ?2, token = null, owner = null, error = ?3,
  host_deaths = host_deaths + ${hasDiedSql('owner')}
where session = ?4 and number = ?5 and state = 1`;

/** Turns running batches of dead owners into `crashed.deciding`. Answers how many. */
export function rescueBatches(file: SqliteFile, limit: number): number {
  return file.write('group', (now) => {
    const lost = file.all<LostBatch>(lostSql, now, limit);
    for (const { session, number } of lost) {
      noteAttempt({ file, session, now }, number, 'crashed.deciding', hostDeath);
      file.run(crashSql, now, stateCodes['crashed.deciding'], errorText(hostDeath), session, number);
      file.run(
        'update sessions set running = running - 1, crashed = crashed + 1, event_number = event_number + 1 where no = ?',
        session,
      );
    }
    return lost.length;
  });
}
