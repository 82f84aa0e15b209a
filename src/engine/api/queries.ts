import { type Duration, durationMs } from '../../model/duration.ts';
import { InvalidOptionError, MillraceError } from '../../model/errors.ts';
import type { SessionId, Timestamp } from '../../model/ids.ts';
import type { NotificationRecord } from '../../model/notifications.ts';
import type { Counts } from '../../model/outcome.ts';
import type {
  BatchTimes,
  CategoryFailures,
  CrashedBatch,
  FoundBatch,
  JobTotals,
  NormalFailures,
  QueueDepth,
  RepeatedTasks,
  RunningBatch,
  StateRows,
  Within,
} from '../../model/questions.ts';
import type { AttemptRecord } from '../../model/records.ts';
import type { Store } from '../../model/store.ts';

/** Where a question looks: in one session, or in all of them over the last `within`. */
export interface QueryScope {
  /** The session's id. */
  session?: string;
  /** How far back, by the store's clock. @default '24h' */
  within?: Duration;
}

/** The same, and how long the answer may be. */
export interface QueryOptions extends QueryScope {
  /** At most so many, at least 1. */
  limit?: number;
}

/** A batch of a task with its ended attempts, oldest first. */
export interface ChainLink extends FoundBatch {
  readonly attempts: readonly AttemptRecord[];
}

/** Whether a session's counts are what its rows say. */
export interface Verification {
  readonly rows: readonly StateRows[];
  readonly counts: Counts;
  /** What differs, in words; empty when all is well. A session that runs may change between the two looks. */
  readonly differences: readonly string[];
}

/**
 * Questions about all that a store holds. Each is one read, answered by indexes. SQLite answers in this thread: on a store of a
 * million batches, ask from another process (the command does).
 */
export interface Queries {
  /** Batches that crashed, the newest crash first: items, error, times, and how they stand now. @default limit 100 */
  crashed(options?: QueryOptions): Promise<readonly CrashedBatch[]>;
  /** Completed batches with the longest work. @default limit 10 of a session, 5 of all */
  slowest(options?: QueryOptions): Promise<readonly FoundBatch[]>;
  /** Failures by message, in which numbers, ids and paths do not count: items given up and attempts, most first. @default limit 20 */
  failures(options?: QueryOptions): Promise<readonly NormalFailures[]>;
  /** The same by category. */
  categories(options?: QueryScope): Promise<readonly CategoryFailures[]>;
  /** How long completed batches took on average and at most, by job. */
  times(options?: Pick<QueryScope, 'within'>): Promise<readonly BatchTimes[]>;
  /** Every batch of a task id, oldest first, with its attempts. Default ids (`job:key#number`) are found, too. @default limit 100, the newest */
  chain(taskId: string, options?: Pick<QueryOptions, 'limit'>): Promise<readonly ChainLink[]>;
  /** Batches that run now, the longest first. @default limit 100 */
  active(options?: Pick<QueryOptions, 'limit'>): Promise<readonly RunningBatch[]>;
  /** Batches that run and whose host died, or that run longer than `longerThan`. @default longerThan '1h', limit 100 */
  stuck(options?: { longerThan?: Duration; limit?: number }): Promise<readonly RunningBatch[]>;
  /** Task ids that were enqueued more than once, and how many of them were not run. @default limit 20 */
  repeated(options?: Omit<QueryOptions, 'session'>): Promise<RepeatedTasks>;
  /** Counts a session's rows, and compares that with its counts. @throws MillraceError `SESSION_NOT_FOUND` */
  verify(session: string): Promise<Verification>;
  /** Batches with the newest change. @default limit 10 */
  newest(options?: Pick<QueryOptions, 'limit'>): Promise<readonly FoundBatch[]>;
  /** Every job that the store knows, with the sums of its sessions. */
  jobs(): Promise<readonly JobTotals[]>;
  /** What waits, by job: sessions and batches, and since when. */
  depth(): Promise<readonly QueueDepth[]>;
  /** Notifications that are not delivered (yet), oldest first; `undelivered` ones were given up. @default limit 100 */
  notifications(options?: { state?: NotificationRecord['state']; limit?: number }): Promise<readonly NotificationRecord[]>;
}

/** Questions to an open store. `assertOpen` throws when it may not be asked any more. */
export function createQueries(store: Store, assertOpen: () => void = () => undefined): Queries {
  const query: Store['query'] = async (name, filter) => {
    assertOpen();
    return store.query(name, filter);
  };
  const since = async (within: Duration = '1d'): Promise<Timestamp> => (await store.now()) - durationMs(within, 'within');
  const place = async ({ session, within }: QueryScope): Promise<Within> => {
    assertOpen();
    return session === undefined ? { since: await since(within) } : { sessionId: session as SessionId };
  };
  return {
    crashed: async (options = {}) => query('crashed', { ...(await place(options)), limit: limitOf(options, 100) }),
    slowest: async (options = {}) =>
      query('slowest', { ...(await place(options)), limit: limitOf(options, options.session === undefined ? 5 : 10) }),
    failures: async (options = {}) => query('failures', { ...(await place(options)), limit: limitOf(options, 20) }),
    categories: async (options = {}) => query('categories', await place(options)),
    times: async ({ within } = {}) => query('times', { since: await since(within) }),
    chain: async (taskId, options = {}) => {
      const found = await query('chain', { taskId, limit: limitOf(options, 100) });
      return Promise.all(found.map((batch) => withAttempts(store, batch)));
    },
    active: (options = {}) => query('running', { limit: limitOf(options, 100) }),
    stuck: async ({ longerThan = '1h', ...options } = {}) => {
      const stuckSince = (await store.now()) - durationMs(longerThan, 'longerThan');
      return query('running', { stuckSince, limit: limitOf(options, 100) });
    },
    repeated: async (options = {}) => query('repeated', { since: await since(options.within), limit: limitOf(options, 20) }),
    verify: async (session) => {
      const sessionId = session as SessionId;
      const rows = await query('rows', { sessionId });
      const record = await store.getSession(sessionId);
      if (!record) throw new MillraceError('SESSION_NOT_FOUND', `There is no session ${session} in the store.`);
      return { rows, counts: record.counts, differences: differencesOf(rows, record.counts) };
    },
    newest: (options = {}) => query('newest', { limit: limitOf(options, 10) }),
    jobs: () => query('jobs', {}),
    depth: () => query('depth', {}),
    notifications: ({ state, ...options } = {}) =>
      query('notifications', { ...(state !== undefined && { state }), limit: limitOf(options, 100) }),
  };
}

function limitOf({ limit }: { readonly limit?: number }, fallback: number): number {
  if (limit === undefined) return fallback;
  if (Number.isInteger(limit) && limit >= 1) return limit;
  throw new InvalidOptionError('limit', limit, 'a whole number of at least 1');
}

/** Attempts of one batch: more than any retry policy allows. */
const allAttempts = { after: 0, limit: 10_000 };

async function withAttempts(store: Store, batch: FoundBatch): Promise<ChainLink> {
  const { sessionId, number } = batch;
  return { ...batch, attempts: await store.listAttempts({ sessionId, number, ...allAttempts }) };
}

/** Cancelled items are not in the rows by themselves; all else must be the same. */
function differencesOf(rows: readonly StateRows[], { items, batches }: Counts): string[] {
  const sum = (value: (row: StateRows) => number): number => rows.reduce((total, row) => total + value(row), 0);
  const counted = (status: string): number => sum((row) => (row.state.split('.')[0] === status ? row.batches : 0));
  const pairs: readonly (readonly [what: string, inRows: number, inCounts: number])[] = [
    ['batches', sum((row) => row.batches), batches.total],
    ...(['pending', 'running', 'completed', 'failed', 'crashed', 'cancelled'] as const).map(
      (status) => [`${status} batches`, counted(status), batches[status]] as const,
    ),
    ['items', sum((row) => row.items), items.total],
    ['completed items', sum((row) => row.completed), items.completed],
    ['failed items', sum((row) => row.failed), items.failed],
  ];
  return pairs.flatMap(([what, inRows, inCounts]) =>
    inRows === inCounts ? [] : [`${what}: ${inRows} by its rows, ${inCounts} by its counts`],
  );
}
