import { PermanentError } from '../../../model/errors.ts';
import type { SetupContext } from '../../../model/work.ts';
import { loaderWork } from '../define-loaders.ts';
import { checkRows, openDatabase } from './open-database.ts';

/** The database, and the queries of each group by the names of their loaders. */
export interface SqlSettings {
  /** Absolute. */
  readonly database: string;
  readonly queries: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Loads values by SQL: a list of rows for each key. One connection a worker. */
export default loaderWork(
  {
    setup: async ({ settings }: SetupContext<SqlSettings>) => {
      const { rows, close } = await openDatabase(settings.database);
      return { rows, close, queries: settings.queries };
    },
    teardown: ({ close }) => close(),
  },
  ({ group, loader, key }, _signal, { rows, queries }) => {
    const sql = queries[group]?.[loader];
    if (sql === undefined) throw new PermanentError(`Group ${group} has no query ${loader}.`);
    const found = rows(sql, key);
    checkRows(found);
    return found;
  },
);
