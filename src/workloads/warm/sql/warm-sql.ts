import { workModule } from '../../../model/work.ts';
import type { WorkloadEngine } from '../../engine-part.ts';
import { workUrl } from '../../work-url.ts';
import type { WarmReport } from '../report.ts';
import { runWarm, type WarmHooks, type WarmRequest, warmInput } from '../run-warm.ts';
import type { WarmKey } from '../warm-item.ts';
import { type WarmInput, warmJob } from '../warm-job.ts';
import { openDatabase } from './open-database.ts';
import type work from './sql.work.ts';
import type { SqlSettings } from './sql.work.ts';

/** The job that {@link runWarmSql} starts. A query can't be stopped from within its thread, so it runs in a process. */
export const warmSqlJob = warmJob(workModule<typeof work>(workUrl('sql.work', import.meta.url)), {
  name: 'warm',
  executor: 'processes',
});

/** A group whose keys and values come out of a database. */
export interface SqlGroup {
  readonly name: string;
  /** A query with a column `key`, and perhaps one `label`. */
  readonly keys: string;
  /** Queries with `:key`, by the names of their loaders. */
  readonly loaders: Readonly<Record<string, string>>;
}

/** What to load out of a database. */
export interface WarmSqlRequest extends Omit<WarmRequest, 'groups' | 'own'> {
  /** An SQLite file. */
  readonly database: string;
  readonly groups: readonly SqlGroup[];
}

/** Warms a cache with what queries give: `runWarm` on an engine whose jobs include {@link warmSqlJob}. Throws the same. */
export function runWarmSql(engine: WorkloadEngine, request: WarmSqlRequest, hooks?: WarmHooks): Promise<WarmReport> {
  return listing(request, (listed) => runWarm(engine, warmSqlJob, listed, hooks));
}

/** `warmInput`, for {@link warmSqlJob}. */
export function warmSqlInput(request: WarmSqlRequest): Promise<WarmInput<SqlSettings>> {
  return listing(request, (listed) => warmInput(listed));
}

/** Lends a connection that keys are listed over. */
async function listing<T>(request: WarmSqlRequest, act: (listed: WarmRequest<SqlSettings>) => Promise<T>) {
  const { database, groups } = request;
  const { rows, close } = await openDatabase(database);
  try {
    const own = { database, queries: Object.fromEntries(groups.map(({ name, loaders }) => [name, loaders])) };
    const listed = groups.map(({ name, keys, loaders }) => ({
      name,
      loaders: Object.keys(loaders),
      // What they are is checked when they are listed.
      keys: () => rows(keys) as unknown as WarmKey[],
    }));
    return await act({ ...request, groups: listed, own });
  } finally {
    close();
  }
}
