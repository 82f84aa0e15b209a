import { loadSqlite, type NativeDatabase } from '../../drivers/load-sqlite.ts';
import { inParts, movesAtOnce, type WarmCache } from './warm-cache.ts';

/** How long a write waits for those of other workers. */
const busyTimeoutMs = 10_000;

/**
 * A cache in an SQLite file: `cache (key, value, expires_at)`, with times in epoch milliseconds. Many processes may read and write it.
 *
 * @throws MillraceError `DRIVER_MISSING`; the driver's own error when the file can't be opened.
 */
export async function sqliteCache(path: string, now: () => number = Date.now): Promise<WarmCache> {
  const { type } = await loadSqlite();
  const database = open(new type(path));
  const write = database.prepare('insert or replace into cache (key, value, expires_at) values (?, ?, ?)');
  const read = database.prepare('select value from cache where key = ? and expires_at > ?');
  const move = database.prepare('update or replace cache set key = ?, expires_at = ? where key = ?');
  const drop = database.prepare('delete from cache where key = ?');
  const together = <T>(act: () => T): T => {
    database.exec('begin immediate');
    try {
      const result = act();
      database.exec('commit');
      return result;
    } catch (error) {
      database.exec('rollback');
      throw error;
    }
  };
  return {
    get: async (key) => (read.get(key, now()) as { value: string } | undefined)?.value,
    set: async (key, value, ttlMs) => void write.run(key, value, now() + ttlMs),
    async swap(moves) {
      for (const part of inParts(moves, movesAtOnce)) {
        together(() => {
          for (const { from, to, ttlMs } of part) move.run(to, now() + ttlMs, from);
        });
      }
    },
    async deletePrefix(prefix, except) {
      // What is behind every key that begins with the prefix: UTF-8 sorts as code points do.
      const within = database.prepare('select key from cache where key >= ? and key < ?').all(prefix, `${prefix}\u{10FFFF}`);
      const found = (within as { key: string }[]).filter(({ key }) => !except?.has(key));
      together(() => {
        for (const { key } of found) drop.run(key);
        database.prepare('delete from cache where expires_at <= ?').run(now());
      });
      return found.length;
    },
    close: async () => database.close(),
  };
}

function open(database: NativeDatabase): NativeDatabase {
  try {
    database.exec(`pragma busy_timeout = ${busyTimeoutMs}`);
    // In WAL mode readers go on while a worker writes. The mode stays with the file; the first to open it is alone with it.
    database.prepare('pragma journal_mode = wal').get();
    database.exec('pragma synchronous = normal');
    database.exec(
      'create table if not exists cache (key text primary key, value text not null, expires_at integer not null) without rowid',
    );
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
