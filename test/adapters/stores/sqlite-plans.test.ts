import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { taskSql } from '../../../src/adapters/stores/sqlite/attempts.ts';
import { findCachedSql, keepOutputSql, noteUseSql, pruneCacheSql } from '../../../src/adapters/stores/sqlite/cached-outputs.ts';
import { claimableSql, claimStatement, namedSql } from '../../../src/adapters/stores/sqlite/claim-batches.ts';
import { lowestOpenSql, nextDueSql } from '../../../src/adapters/stores/sqlite/commit-session.ts';
import { addLetterSql, takeBackSql } from '../../../src/adapters/stores/sqlite/dead-letters.ts';
import { originalsSql } from '../../../src/adapters/stores/sqlite/find-originals.ts';
import { loadDriver } from '../../../src/adapters/stores/sqlite/load-driver.ts';
import { dueSql } from '../../../src/adapters/stores/sqlite/notification-methods.ts';
import { openFile } from '../../../src/adapters/stores/sqlite/open-file.ts';
import { overdueSql } from '../../../src/adapters/stores/sqlite/prune-sessions.ts';
import * as counts from '../../../src/adapters/stores/sqlite/questions/count-batches.ts';
import * as failures from '../../../src/adapters/stores/sqlite/questions/count-failures.ts';
import { depthSql } from '../../../src/adapters/stores/sqlite/questions/depth.ts';
import * as lists from '../../../src/adapters/stores/sqlite/questions/list-batches.ts';
import { lostSql } from '../../../src/adapters/stores/sqlite/rescue-batches.ts';
import { freeSeatSql } from '../../../src/adapters/stores/sqlite/seats.ts';
import { moveSql as moveSessionSql } from '../../../src/adapters/stores/sqlite/session-methods.ts';
import { completeSql, movedSql, moveSql } from '../../../src/adapters/stores/sqlite/write-batch.ts';
import { suite } from '../../support/suite.ts';

const test = suite('the plans of hot statements');

const folder = mkdtempSync(join(tmpdir(), 'millrace-plans-'));
const connection = await openFile(await loadDriver(), join(folder, 'store.db'), 'normal');

test.after(() => {
  connection.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The plan as text. Which values are bound does not matter to it. */
function planOf(sql: string): string {
  const places =
    Math.max(0, ...[...sql.matchAll(/\?(\d+)/g)].map(([, place]) => Number(place))) || (sql.match(/\?/g)?.length ?? 0);
  const rows = connection.prepare(`explain query plan ${sql}`).all(Array.from({ length: places }, () => 1));
  return rows.map(({ detail }) => String(detail)).join('\n');
}

const select = (rest: string): string => `select number from batches b ${rest}`;

const byPrimaryKey = /SEARCH (batches|b) USING PRIMARY KEY \(session=\? AND number=\?\)/;

const expected: readonly (readonly [name: string, sql: string, plan: RegExp])[] = [
  ['a settle', completeSql, byPrimaryKey],
  ['a move', moveSql, byPrimaryKey],
  ['the read before a move', movedSql, byPrimaryKey],
  ['a claim', claimStatement.many, byPrimaryKey],
  ['the search for what can be claimed', select(claimableSql), /batches_open \(session=\?\)[\s\S]*batches_due/],
  ['a claim by number', select(namedSql), byPrimaryKey],
  ['the lowest open batch', lowestOpenSql, /SEARCH batches USING (COVERING )?INDEX batches_open \(session=\?\)/],
  ['the next due time', nextDueSql, /SEARCH batches USING COVERING INDEX batches_due \(session=\? AND retry_at>\?\)/],
  ['the search for lost batches', lostSql, /batches USING INDEX batches_open/],
  ['the look for a cached output', findCachedSql, /USING INDEX cached_outputs_range \(job=\? AND series=\? AND range=\?\)/],
  [
    'the use of a cached output',
    noteUseSql,
    /SEARCH cached_outputs USING INDEX cached_outputs_range \(job=\? AND series=\? AND range=\?\)/,
  ],
  ['what is cached', keepOutputSql, /SEARCH sessions USING INTEGER PRIMARY KEY/],
  [
    'the search for what was not used for long',
    pruneCacheSql,
    /SEARCH cached_outputs USING INDEX cached_outputs_used \(used_at<\?\)/,
  ],
  ['the search for a free seat', freeSeatSql, /SEARCH other USING INDEX sessions_seats \(seat_key=\?\)/],
  ['what is to be told', dueSql, /notifications USING INDEX notifications_due \(undelivered=\?\)/],
  ['the barrier', moveSessionSql, /SEARCH b USING (COVERING )?INDEX batches_open \(session=\?\)/],
];

for (const [name, sql, plan] of expected) {
  test(`${name} uses its index`, () => {
    assert.match(planOf(sql), plan);
  });
}

for (const [name, sql] of expected) {
  test(`${name} never reads all batches`, () => {
    assert.not.match(planOf(sql), /SCAN (batches|b)\b(?! USING INDEX batches_open)/);
  });
}

test('a dead letter is found by its batch and place', () => {
  for (const sql of [takeBackSql, addLetterSql]) {
    assert.match(
      planOf(sql),
      /SEARCH dead_letters USING (COVERING )?INDEX dead_letters_batch \(session=\? AND number=\? AND place=\?\)/,
    );
  }
});

test('the newest batch of a task is found by its task id and time, and so are its attempts', () => {
  for (const tasks of [1, 50]) {
    const plan = planOf(originalsSql(['pending', 'running'], tasks));
    assert.match(plan, /SEARCH b USING INDEX batches_task \(task_id=\? AND enqueued_at>\?\)/);
    assert.not.match(plan, /TEMP B-TREE|AUTOMATIC/);
  }
  assert.match(
    planOf(taskSql),
    /SEARCH b USING (COVERING )?INDEX batches_task \(task_id=\?\)[\s\S]*SEARCH a USING INDEX attempts_batch/,
  );
});

/** What the statements of questions may use, each where batches or attempts are looked at. */
const questions: readonly (readonly [name: string, sql: string, plan: RegExp])[] = [
  ['crashed batches of a session', lists.crashedOfSessionSql, /SEARCH attempts USING INDEX attempts_batch \(session=\?\)/],
  ['crashed batches since a moment', lists.crashedSinceSql, /SEARCH attempts USING INDEX attempts_ended \(ended_at>\?\)/],
  ['slowest batches of a session', lists.slowestOfSessionSql, /SEARCH b USING PRIMARY KEY \(session=\?\)/],
  ['slowest batches since a moment', lists.slowestSinceSql, /SEARCH o USING COVERING INDEX batches_ended \(ended_at>\?\)/],
  [
    'the chain of a task',
    lists.chainSql,
    /SEARCH b USING INDEX batches_task \(task_id=\?\)[\s\S]*sessions_key \(job=\? AND key=\?\)/,
  ],
  ['what runs', lists.allRunningSql, /SEARCH b USING INDEX batches_open \(session=\?\)/],
  ['what is stuck', lists.stuckSql, /SEARCH b USING INDEX batches_open \(session=\?\)/],
  ['the newest changes', lists.newestSql, /SEARCH o USING COVERING INDEX batches_ended[\s\S]*batches_open \(session=\?\)/],
  ['letters of a session', failures.lettersOfSessionSql, /SEARCH d USING INDEX dead_letters_batch \(session=\?/],
  ['letters since a moment', failures.lettersSinceSql, /SEARCH d USING INDEX dead_letters_at \(/],
  ['failed attempts of a session', failures.attemptsOfSessionSql, /SEARCH d USING INDEX attempts_batch \(session=\?/],
  ['failed attempts since a moment', failures.attemptsSinceSql, /SEARCH d USING INDEX attempts_ended \(/],
  [
    'categories of a session',
    failures.categoriesOfSessionSql,
    /dead_letters_batch \(session=\?[\s\S]*attempts_batch \(session=\?/,
  ],
  ['categories since a moment', failures.categoriesSinceSql, /dead_letters_at \(at>\?\)[\s\S]*attempts_ended \(ended_at>\?\)/],
  ['times since a moment', counts.timesSql, /SEARCH batches USING COVERING INDEX batches_ended \(ended_at>\?\)/],
  ['repeated tasks', counts.repeatedSql, /SEARCH b USING COVERING INDEX batches_enqueued \(enqueued_at>\?\)/],
  ['skipped tasks', counts.skippedSql, /SEARCH b USING INDEX batches_skipped \(enqueued_at>\?\)/],
  ['attempts since a moment', counts.attemptsSql, /SEARCH b USING COVERING INDEX batches_ended \(ended_at>\?\)/],
  ['rows of a session', counts.rowsSql, /SEARCH b USING PRIMARY KEY \(session=\?\)/],
  ['sums by job', counts.jobsSql, /sessions/],
  ['what waits', depthSql, /SEARCH b USING INDEX batches_open \(session=\?\)/],
  ['overdue sessions', overdueSql, /SEARCH sessions USING (COVERING )?INDEX sessions_kept \(<expr><\?\)/],
];

for (const [name, sql, plan] of questions) {
  test(`${name}: answered by an index, and no scan of batches, attempts or letters`, () => {
    assert.match(planOf(sql), plan);
    assert.not.match(planOf(sql), /SCAN (batches|attempts|dead_letters|b|o|d|a)\b/);
  });
}

test('a session is found by its id, and a live one by its key', () => {
  assert.match(planOf('select * from sessions where id = ? and pruned = 0'), /SEARCH sessions USING INDEX/);
  assert.match(planOf('select no from sessions where job = ? and key = ? and ended = 0'), /SEARCH sessions USING .*INDEX/);
});

test.run();
