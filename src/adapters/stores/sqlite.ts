import { resolve } from 'node:path';
import type { SqliteDriverName } from '../../drivers/load-sqlite.ts';
import { checkOneOf } from '../../model/check-job-definition.ts';
import { checkOptionNames } from '../../model/check-option-names.ts';
import { type Clock, systemClock } from '../../model/clock.ts';
import { InvalidOptionError, MillraceError } from '../../model/errors.ts';
import type { NotificationStore } from '../../model/notifications.ts';
import type { QuestionName, Questions } from '../../model/questions.ts';
import type { Replica } from '../../model/replica.ts';
import type { Store } from '../../model/store.ts';
import type { PruneFilter } from '../../model/store-filters.ts';
import { checkingAuthority } from './check-authority.ts';
import { answerQuestion } from './sqlite/answer-questions.ts';
import { batchMethods } from './sqlite/batch-methods.ts';
import { cacheMethods } from './sqlite/cached-outputs.ts';
import { openSqliteFile, storeError } from './sqlite/file.ts';
import { watchIdentity } from './sqlite/file-identity.ts';
import { loadDriver } from './sqlite/load-driver.ts';
import { notificationMethods } from './sqlite/notification-methods.ts';
import { type OwnerLocks, ownerLocks } from './sqlite/owner-locks.ts';
import { createOwners, ownerMethods } from './sqlite/owners.ts';
import { pruneSessions } from './sqlite/prune-sessions.ts';
import { sqliteReplica } from './sqlite/replica/replica.ts';
import { checkFileAuthority } from './sqlite/replica/stage.ts';
import { replicaThrough } from './sqlite/replica/through.ts';
import { scheduleMethods } from './sqlite/schedule-methods.ts';
import { sessionMethods } from './sqlite/session-methods.ts';

/** Options of {@link sqlite}. */
export interface SqliteOptions {
  /** Where the time comes from. @default the machine's clock */
  clock?: Clock;
  /** The only driver to use. @default the first that is there: node:sqlite (Node 22.13 and newer), better-sqlite3, libsql */
  driver?: SqliteDriverName;
  /**
   * `'normal'`: group writes survive the death of the process, and the last ones may be lost with the machine's power: then work
   * is repeated, no answer is lost. `'full'`: they survive that too, for about a third more time. Starts and ends of sessions are
   * always written fully. @default 'normal'
   */
  synchronous?: 'normal' | 'full';
}

const optionNames = { clock: true, driver: true, synchronous: true } as const satisfies Record<keyof SqliteOptions, true>;

function checkOptions(options: SqliteOptions): void {
  checkOptionNames(options, 'sqlite', optionNames);
  checkOneOf(options.driver, 'sqlite: driver', ['node:sqlite', 'better-sqlite3', 'libsql']);
  checkOneOf(options.synchronous, 'sqlite: synchronous', ['normal', 'full']);
}

/**
 * A store in one SQLite file, for the processes of one machine. Not for network drives: SQLite's locks do not hold there.
 *
 * Beside the file it keeps `<path>.owners/`, a lock for each host that has the store open. Only the file's owner can read them.
 * The driver is loaded when the store is opened.
 *
 * @throws InvalidOptionError for an impossible option, or a path that is not a file's; when opened, MillraceError `DRIVER_MISSING` or `STORE_VERSION`.
 */
export function sqlite(path: string, options: SqliteOptions = {}): Store {
  if (typeof path !== 'string' || path === '' || path.startsWith(':memory:')) {
    throw new InvalidOptionError('sqlite: path', path, 'the path of a file; for a store in memory use memory()');
  }
  checkOptions(options);
  const file = resolve(path);
  let opened: OpenStore | undefined;
  const use = async <T>(work: (store: OpenStore) => Promise<T>): Promise<T> => {
    if (!opened) throw new MillraceError('STORE_FAILED', `SQLite store ${file} is not open. Call open() first, once.`);
    try {
      opened.checkIdentity();
      return await work(opened);
    } catch (error) {
      throw storeError(error, file);
    }
  };
  return {
    name: 'sqlite',
    supports: { durable: true, shared: true },
    async open() {
      opened = await openStore(file, options).catch((error: unknown) => {
        throw storeError(error, file);
      });
    },
    async close() {
      const closing = opened;
      opened = undefined;
      closing?.shut();
    },
    registerOwner: (owner, leaseMs) => use((store) => store.registerOwner(owner, leaseMs)),
    renewOwner: (owner, leaseMs) => use((store) => store.renewOwner(owner, leaseMs)),
    removeOwner: (owner) => use((store) => store.removeOwner(owner)),
    createSession: (session) => use((store) => store.createSession(session)),
    getSession: (id) => use((store) => store.getSession(id)),
    findSession: (job, key) => use((store) => store.findSession(job, key)),
    listSessions: (filter) => use((store) => store.listSessions(filter)),
    moveSession: (move) => use((store) => store.moveSession(move)),
    requestSession: (id, request) => use((store) => store.requestSession(id, request)),
    countFinalizeTry: (id, epoch) => use((store) => store.countFinalizeTry(id, epoch)),
    replaySession: (replay) => use((store) => store.replaySession(replay)),
    adoptSession: (id, owner) => use((store) => store.adoptSession(id, owner)),
    listCoordinated: (owner) => use((store) => store.listCoordinated(owner)),
    leaveSession: (id, epoch) => use((store) => store.leaveSession(id, epoch)),
    commit: (commit) => use((store) => store.commit(commit)),
    rescue: (limit) => use((store) => store.rescue(limit)),
    listBatches: (filter) => use((store) => store.listBatches(filter)),
    listOutputs: (filter) => use((store) => store.listOutputs(filter)),
    listAttempts: (filter) => use((store) => store.listAttempts(filter)),
    listDeadLetters: (filter) => use((store) => store.listDeadLetters(filter)),
    groupFailures: (id, limit) => use((store) => store.groupFailures(id, limit)),
    purgeDeadLetters: (filter) => use((store) => store.purgeDeadLetters(filter)),
    query: (name, filter) => use((store) => store.query(name, filter)),
    findCached: (filter) => use((store) => store.findCached(filter)),
    pruneCache: (filter) => use((store) => store.pruneCache(filter)),
    prune: (filter) => use((store) => store.prune(filter)),
    saveSchedule: (schedule) => use((store) => store.saveSchedule(schedule)),
    listSchedules: (filter) => use((store) => store.listSchedules(filter)),
    removeSchedule: (name) => use((store) => store.removeSchedule(name)),
    takeTick: (take) => use((store) => store.takeTick(take)),
    createTickSession: (start) => use((store) => store.createTickSession(start)),
    noteTickInput: (note) => use((store) => store.noteTickInput(note)),
    endTick: (end) => use((store) => store.endTick(end)),
    listTicks: (filter) => use((store) => store.listTicks(filter)),
    listTickInputs: (filter) => use((store) => store.listTickInputs(filter)),
    ...notificationsThrough(use),
    replica: replicaThrough(use),
    now: () => use((store) => store.now()),
    operations: () => opened?.operations() ?? { transactions: 0, rowsWritten: 0 },
  };
}

function notificationsThrough(use: <T>(work: (store: OpenStore) => Promise<T>) => Promise<T>): NotificationStore {
  return {
    takeNotifications: (take) => use((store) => store.takeNotifications(take)),
    settleNotification: (settle) => use((store) => store.settleNotification(settle)),
    noteAlert: (alert) => use((store) => store.noteAlert(alert)),
  };
}

interface OpenStore extends Omit<Store, 'name' | 'supports' | 'open' | 'close' | 'replica'> {
  readonly replica: Replica;
  checkIdentity(): void;
  shut(): void;
}

async function openStore(path: string, options: SqliteOptions): Promise<OpenStore> {
  const driver = await loadDriver(options.driver);
  const { clock = systemClock, synchronous = 'normal' } = options;
  const file = await openSqliteFile({ path, driver, clock, synchronous });
  const locks: OwnerLocks = ownerLocks(driver, path);
  const owners = createOwners(file, locks);
  const methods = {
    ...ownerMethods(file, locks),
    ...sessionMethods(file, owners),
    ...batchMethods(file, owners),
    ...notificationMethods(file, owners),
    ...scheduleMethods(file, owners),
    ...cacheMethods(file),
    query: async <Name extends QuestionName>(name: Name, filter: Questions[Name]['filter']) =>
      answerQuestion(file, owners, name, filter),
    prune: async (filter: PruneFilter) => pruneSessions(file, filter),
  };
  return {
    ...methods,
    ...checkingAuthority(methods, () => checkFileAuthority(file)),
    replica: sqliteReplica(file, owners),
    operations: () => file.operations(),
    now: async () => file.now(),
    checkIdentity: watchIdentity(path),
    shut() {
      locks.releaseAll();
      file.close();
    },
  };
}
