import type { Timestamp } from '../../../model/ids.ts';
import type { ClaimRequest } from '../../../model/store.ts';
import { openRateGate, type RateGate, type RateStarts } from '../rate-window.ts';
import type { SqliteFile } from './file.ts';
import { readJson, toFileText } from './file-text.ts';

/** The gate of a claim; undefined when it has no rate. */
export function rateGateOf(file: SqliteFile, claim: ClaimRequest | undefined, now: Timestamp): RateGate | undefined {
  return claim?.rate && openRateGate(claim, (bucket) => readStarts(file, bucket), now);
}

/** What was counted under a name. */
export function readStarts(file: SqliteFile, bucket: string): RateStarts {
  const row = file.get<{ starts: string }>('select starts from rates where bucket = ?', toFileText(bucket));
  return row ? readJson(row.starts, areStarts, []) : [];
}

function areStarts(value: unknown): value is RateStarts {
  const isPair = (one: unknown): boolean => Array.isArray(one) && one.length === 2 && one.every(Number.isSafeInteger);
  return Array.isArray(value) && value.every(isPair);
}

/** Keeps what was counted, and forgets names under which nothing counts any more. */
export function countStarts(file: SqliteFile, gate: RateGate, now: Timestamp): void {
  const changed = gate.changed();
  if (changed.size === 0) return;
  file.run('delete from rates where free_at <= ?', now);
  const sql = `insert into rates (bucket, starts, free_at) values (?1, ?2, ?3)
    on conflict (bucket) do update set starts = ?2, free_at = ?3`;
  for (const [bucket, starts] of changed) {
    file.run(sql, toFileText(bucket), JSON.stringify(starts), starts.at(-1)?.[0] ?? now);
  }
}
