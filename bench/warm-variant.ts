import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readConfig } from '../src/cli/warm/read-config.ts';
import { loadSqlite } from '../src/drivers/load-sqlite.ts';
import { createEngine } from '../src/index.ts';
import { openCache, runWarmSql, warmSqlJob } from '../src/warm.ts';
import type { SelfMeasured } from './measure.ts';

/** Warms an SQLite cache in this process: `warm-variant loop|inline|threads|processes CONFIG CACHE`. */
const [type, file = '', cache = ''] = process.argv.slice(2);
const config = readConfig(file);

/** What one would write by hand: every statement prepared once, one after the other. */
async function loop(): Promise<void> {
  const { type: Database } = await loadSqlite();
  const database = new Database(config.database);
  const target = await openCache(cache);
  for (const { name, keys, loaders } of config.groups) {
    const statements = Object.entries(loaders).map(([loader, sql]) => [loader, database.prepare(sql)] as const);
    for (const { key } of database.prepare(keys).all() as { key: string }[]) {
      for (const [loader, statement] of statements) {
        const rows = statement.all({ key });
        if (rows.length === 0) continue;
        const value = JSON.stringify(rows);
        createHash('sha1').update(value).digest('hex');
        await target.set(`${config.prefix}:${name}:${key}:${loader}`, value, 1_800_000);
      }
    }
  }
  await target.close();
  database.close();
}

async function warm(executor: 'inline' | 'threads' | 'processes'): Promise<void> {
  const engine = await createEngine({ jobs: [warmSqlJob], executor, workers: 2 });
  await runWarmSql(engine, { ...config, cache, executor });
  await engine.close();
}

/** CPU time of children that have ended, where the system tells it (Linux). */
function childCpuMs(): number {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    // cutime and cstime, in hundredths of a second.
    return (Number(fields[13]) + Number(fields[14])) * 10;
  } catch {
    return 0;
  }
}

const cpu = process.cpuUsage();
const startedAt = performance.now();
if (type === 'inline' || type === 'threads' || type === 'processes') await warm(type);
else await loop();
const wallMs = performance.now() - startedAt;
const { user, system } = process.cpuUsage(cpu);
const answer: SelfMeasured = {
  wallMs,
  cpuMs: (user + system) / 1_000 + childCpuMs(),
  peakMb: process.resourceUsage().maxRSS / 1_024,
};
process.send?.(answer);
