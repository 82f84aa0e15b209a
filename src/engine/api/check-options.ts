import { checkPolicies, checkText, policyNames } from '../../model/check-job-definition.ts';
import { checkFunction, checkOptionNames, checkWhole, hasMethods } from '../../model/check-option-names.ts';
import { durationMs } from '../../model/duration.ts';
import { InvalidOptionError } from '../../model/errors.ts';
import type { Logger } from '../../model/logger.ts';
import type { Store } from '../../model/store.ts';
import { checkHealthOptions } from '../notify/health.ts';
import type { AlertOptions } from '../notify/notify-options.ts';
import type { EngineOptions, StartOptions } from './options.ts';

const engineOptionNames = {
  jobs: true,
  store: true,
  executor: true,
  workers: true,
  env: true,
  resume: true,
  lease: true,
  grace: true,
  notify: true,
  alerts: true,
  logger: true,
  workerMemoryMb: true,
  recycle: true,
} as const satisfies Record<keyof EngineOptions, true>;

const alertNames = {
  every: true,
  within: true,
  crashRateAlert: true,
  stuckAfter: true,
  waitingAlert: true,
} as const satisfies Record<keyof AlertOptions, true>;

const startOptionNames = { ...policyNames, priority: true, signal: true, key: true } as const satisfies Record<
  keyof StartOptions,
  true
>;

const storeMethodNames = {
  open: true,
  close: true,
  registerOwner: true,
  renewOwner: true,
  removeOwner: true,
  createSession: true,
  getSession: true,
  findSession: true,
  listSessions: true,
  moveSession: true,
  requestSession: true,
  countFinalizeTry: true,
  replaySession: true,
  adoptSession: true,
  listCoordinated: true,
  leaveSession: true,
  commit: true,
  rescue: true,
  listBatches: true,
  listOutputs: true,
  listAttempts: true,
  listDeadLetters: true,
  groupFailures: true,
  purgeDeadLetters: true,
  query: true,
  findCached: true,
  pruneCache: true,
  prune: true,
  saveSchedule: true,
  listSchedules: true,
  removeSchedule: true,
  takeTick: true,
  createTickSession: true,
  noteTickInput: true,
  endTick: true,
  listTicks: true,
  listTickInputs: true,
  operations: true,
  takeNotifications: true,
  settleNotification: true,
  noteAlert: true,
  now: true,
} as const satisfies Record<Exclude<keyof Store, 'name' | 'supports' | 'replica'>, true>;
const storeMethods = Object.keys(storeMethodNames);

const loggerMethods = ['debug', 'info', 'warn', 'error', 'child'] as const satisfies readonly (keyof Logger)[];

/** Refuses impossible options of `createEngine`, naming them. Durations, and what is for worker threads, are read by who uses them. */
export function checkEngineOptions(options: EngineOptions): void {
  checkOptionNames(options, 'createEngine', engineOptionNames);
  const { jobs, store, logger, resume, notify, alerts } = options;
  if (jobs !== undefined && !Array.isArray(jobs)) throw new InvalidOptionError('jobs', jobs, 'a list of jobs made by defineJob');
  for (const [index, job] of jobs?.entries() ?? []) {
    if (!isJob(job)) throw new InvalidOptionError(`jobs[${index}]`, job, 'a job made by defineJob');
  }
  if (store !== undefined && !hasMethods(store, storeMethods)) {
    throw new InvalidOptionError('store', store, 'memory(), sqlite(path), or an object with every method of Store');
  }
  if (logger !== undefined) checkLogger(logger);
  checkFunction(notify, 'notify');
  if (alerts !== undefined) checkAlerts(alerts, notify);
  if (resume !== undefined && resume !== 'auto' && resume !== 'manual') {
    throw new InvalidOptionError('resume', resume, "'auto' or 'manual'");
  }
}

function checkAlerts(alerts: AlertOptions, notify: unknown): void {
  if (notify === undefined) throw new InvalidOptionError('alerts', alerts, 'given together with notify, which is told of them');
  checkOptionNames(alerts, 'alerts', alertNames);
  durationMs(alerts.every ?? '1m', 'alerts.every', 1_000);
  checkHealthOptions(alerts);
}

/** Names the method that is missing: `console` is all of a logger but its `child`. */
function checkLogger(logger: Logger): void {
  const expected = `an object with the methods ${loggerMethods.join(', ')}`;
  if (typeof logger !== 'object' || logger === null) throw new InvalidOptionError('logger', logger, expected);
  const missing = loggerMethods.find((method) => !hasMethods(logger, [method]));
  if (missing) throw new InvalidOptionError(`logger.${missing}`, logger[missing], `a function: a logger is ${expected}`);
}

/** Refuses impossible options of a start, naming them. */
export function checkStartOptions(options: StartOptions): void {
  checkOptionNames(options, 'start', startOptionNames);
  checkPolicies(options);
  checkWhole(options.priority, 'priority', -1_000, 1_000);
  const { key, signal } = options;
  if (key !== undefined) checkText(key, 'key');
  if (signal !== undefined && !isSignal(signal)) throw new InvalidOptionError('signal', signal, 'an AbortSignal');
}

function isJob(job: unknown): boolean {
  if (typeof job !== 'object' || job === null) return false;
  const { name, definition } = job as { readonly name?: unknown; readonly definition?: unknown };
  return typeof name === 'string' && typeof definition === 'object' && definition !== null;
}

/** By shape, not by class: a host may bring a signal of another realm. */
function isSignal(signal: unknown): boolean {
  const { aborted } = Object(signal) as { readonly aborted?: unknown };
  return typeof aborted === 'boolean' && hasMethods(signal, ['addEventListener', 'removeEventListener']);
}
