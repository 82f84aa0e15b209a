import type { RowDifference } from '../../../../src/adapters/stores/shadow/compare.ts';
import { loadDriver } from '../../../../src/adapters/stores/sqlite/load-driver.ts';

/** One line a row: its table and key as comparisons name them, and all that it holds, with the names of owners in place of numbers. */
const owner = (column: string): string => `(select id from DB.owners where no = ${column})`;
const ofSession = 'join DB.sessions s on s.no = x.session where s.pruned = 0';

const tables: Readonly<Record<string, string>> = {
  owners: `select x.id as key, json_array(lease_expires_at) as row from DB.owners x where lease_expires_at > 0`,
  sessions: `select x.id as key, json_array(no, job, version, key, state, paused, cancel_reason, priority, generation, epoch,
    ${owner('coordinator')}, fingerprint, chunking, chunks, items_cut, source_ended, items, items_completed, items_failed,
    items_cancelled, pending, running, completed, failed, crashed, cancelled, counters, error, finalize_tries, event_number,
    created_at, started_at, ended_at, takeovers, result_generation, items_duplicate, keep_ms) as row
    from DB.sessions x where pruned = 0`,
  values: `select s.id as key, json_array(hex(input), hex(settings), hex(policies), hex(metadata), hex(result)) as row
    from DB.session_values x ${ofSession}`,
  batches: `select s.id || '#' || number as key, json_array(first, x.items, x.state, x.completed, given_up, attempt, execution, token,
    ${owner('owner')}, enqueued_at, claimed_at, x.ended_at, ms, suspect, sliced, retry_at, remaining, x.error, hash, range, task_id,
    last_item, overlap_before, overlap_after, host_deaths, isolation) as row from DB.batches x ${ofSession}`,
  attempts: `select s.id || '#' || number || '/' || execution as key, json_array(token, ${owner('owner')}, outcome, category, x.error,
    claimed_at, x.ended_at, ms) as row from DB.attempts x ${ofSession}`,
  outputs: `select s.id || '#' || number || '/' || row_number() over (partition by session, number order by x.no) as key,
    json_array(places, hex(data), x.counters) as row from DB.outputs x ${ofSession}`,
  dead_letters: `select s.id || '#' || number || '/' || place as key, json_array(item_id, x.items, task_id, message, category, x.error,
    attempts, at) as row from DB.dead_letters x ${ofSession}`,
};

/** How two files differ, by SQL alone: what a comparison must say. Sorted by table and key. */
export async function recount(
  old: string,
  other: string,
): Promise<{ readonly rows: number; readonly differences: readonly string[] }> {
  const connection = (await loadDriver()).connect(old);
  try {
    connection.prepare('attach database ? as copied').run([other]);
    let rows = 0;
    const differences: string[] = [];
    for (const [table, sql] of Object.entries(tables)) {
      const [first, second] = ['main', 'copied'].map((name) => sql.replaceAll('DB.', `${name}.`));
      const joined = `select coalesce(a.key, b.key) as key,
        case when b.key is null then 'missing' when a.key is null then 'extra' when a.row is not b.row then 'differing' end as difference
        from (${first}) a full join (${second}) b on b.key = a.key`;
      for (const { key, difference } of connection.prepare(joined).all([])) {
        rows++;
        if (difference !== null) differences.push(`${table} ${key} ${difference}`);
      }
    }
    return { rows, differences: differences.sort() };
  } finally {
    connection.close();
  }
}

/** Differences as a recount writes them. */
export function inWords(differences: readonly RowDifference[]): readonly string[] {
  return differences.map(({ table, key, difference }) => `${table} ${key} ${difference}`).sort();
}
