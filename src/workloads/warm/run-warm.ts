import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { type Duration, durationMs } from '../../model/duration.ts';
import { InvalidOptionError, MillraceError } from '../../model/errors.ts';
import type { ExecutorName } from '../../model/job.ts';
import { cacheAddress, openCache } from '../caches/open-cache.ts';
import { lifetimeOf, type WarmCache } from '../caches/warm-cache.ts';
import type { WorkloadEngine, WorkloadSession } from '../engine-part.ts';
import { forgetRun, notedRun, noteRun } from '../output/noted-run.ts';
import { listKeys } from './list-keys.ts';
import { readReport, type WarmReport } from './report.ts';
import type { ListedGroup, LoadedItem, WarmGroup } from './warm-item.ts';
import { deleteUnlisted, keyOfRun, type WarmInput, type WarmJob } from './warm-job.ts';
import { writeReport } from './write-report.ts';

/** What to load, and where to. */
export interface WarmRequest<Own = null> {
  /** What the cache's keys begin with: `prefix:group:key:loader`. A prefix belongs to one request: a refresh deletes what is not listed. */
  readonly prefix: string;
  readonly groups: readonly WarmGroup[];
  /** An address, `sqlite:FILE` or `redis://HOST:PORT`, that workers write to; or a cache of the host's own. */
  readonly cache: string | WarmCache;
  /** How long a value is kept, less up to a tenth. @default '30m' */
  readonly ttl?: Duration;
  /** How long one item may take. @default '30s' */
  readonly timeout?: Duration;
  /** Why an item without rows has failed. @default it has not */
  readonly emptyIsError?: string | undefined;
  /** Load all, then replace, then delete what is not listed any more. @default false */
  readonly refresh?: boolean;
  /** Only this group, or this key. */
  readonly group?: string | undefined;
  readonly key?: string | undefined;
  /** Keys that a worker takes at once, with all their loaders; changes speed, never results. @default a 32nd of them, at most 25 */
  readonly keysPerChunk?: number | undefined;
  /** Folder for `items.tsv` and `summary.json`. @default none are written */
  readonly out?: string | undefined;
  /** @default the job's, or the engine's */
  readonly executor?: ExecutorName;
  /** What `setup` of the loaders sees as its settings. Stored with the run, so no secrets. @default null */
  readonly own?: Own;
}

/** What a caller may want to see or bring. */
export interface WarmHooks {
  /** Called with the session when it has started, and what it will load. */
  onSession?(session: WorkloadSession<unknown, unknown>, groups: readonly ListedGroup[]): void;
  /** Cancels what runs. */
  signal?: AbortSignal;
}

/**
 * Warms a cache: loads groups × keys × loaders on an engine whose jobs include `job`. What fails fails alone, and is tried again by the
 * next run. Called again after an interruption, with the same request and a store that lasts, it goes on where it was. A second call
 * while one runs joins it.
 *
 * @throws InvalidOptionError, MillraceError `NO_READABLE_INPUT` (keys can't be listed), `CACHE_FAILED`, `DRIVER_MISSING` before anything
 *   runs; `INPUT_CHANGED` while a run of the same keys with another request is under way.
 */
export async function runWarm<Own = null>(
  engine: WorkloadEngine,
  job: WarmJob<Own>,
  request: NoInfer<WarmRequest<Own>>,
  hooks: WarmHooks = {},
): Promise<WarmReport> {
  const input = await warmInput(request);
  const session = (await unreported(engine, job, input)) ?? (await start(engine, job, input, request, hooks));
  if (input.out !== null) await noteRun(input.out, session.id);
  hooks.onSession?.(session, input.groups);
  const outcome = await session.outcome();
  const { cache } = request;
  if (typeof cache !== 'string' && outcome.status === 'completed') await fill(cache, input, session);
  return reportWarm(session, input);
}

/** Waits for the end of a run, and tells what came of it; writes the reports into the folder that the run was given. */
export async function reportWarm(session: WorkloadSession<number, LoadedItem>, input: WarmInput<unknown>): Promise<WarmReport> {
  const report = await readReport(session, input, await session.outcome());
  if (input.out !== null) {
    await writeReport(input.out, report);
    await forgetRun(input.out);
  }
  return report;
}

/**
 * Lists what there is to load now: the input of a session, such as a schedule starts. A cache of the host's own is filled by `runWarm` only.
 *
 * @throws as `runWarm` does before anything runs.
 */
export async function warmInput<Own = null>(request: WarmRequest<Own>): Promise<WarmInput<Own>> {
  const { prefix, groups, cache, ttl = '30m', emptyIsError, refresh = false, keysPerChunk, out, own } = request;
  checkNames(prefix, groups);
  if (keysPerChunk !== undefined && !(Number.isInteger(keysPerChunk) && keysPerChunk >= 1)) {
    throw new InvalidOptionError('keysPerChunk', keysPerChunk, 'a whole number from 1');
  }
  const address = typeof cache === 'string' ? cacheAddress(cache) : null;
  const ttlMs = durationMs(ttl, 'ttl', 1);
  const only = { group: request.group ?? null, key: request.key ?? null };
  const listed = await listKeys(groups, only, keysPerChunk);
  // Fails here, once, instead of in every item; and makes the file that workers would otherwise make at the same moment.
  if (address !== null) await (await openCache(address)).close();
  return {
    prefix,
    only,
    groups: listed,
    cache: address,
    ttlMs,
    refresh,
    emptyIsError: emptyIsError ?? null,
    out: out === undefined ? null : resolve(out),
    run: randomUUID(),
    // What is not given is null, and then that is its type.
    own: own ?? (null as Own),
  };
}

/** @throws InvalidOptionError naming the group. */
function checkNames(prefix: string, groups: readonly WarmGroup[]): void {
  if (typeof prefix !== 'string' || prefix === '') throw new InvalidOptionError('prefix', prefix, 'a text');
  if (groups.length === 0) throw new InvalidOptionError('groups', groups, 'a list of at least one');
  const isName = (name: unknown): boolean => typeof name === 'string' && name !== '' && !name.includes(':');
  const expected = 'a text without a colon, each one another';
  for (const [place, { name, loaders }] of groups.entries()) {
    const isTwice = groups.findIndex((other) => other.name === name) < place;
    if (!isName(name) || isTwice) throw new InvalidOptionError(`groups[${place}].name`, name, expected);
    if (loaders.length === 0) throw new InvalidOptionError(`groups[${place}].loaders`, loaders, 'at least one loader');
    const wrong = loaders.find((loader, at) => !isName(loader) || loaders.indexOf(loader) < at);
    if (wrong !== undefined) throw new InvalidOptionError(`groups[${place}].loaders: a name`, wrong, expected);
  }
}

/** A session that ended, but whose host died before it had told of it: nothing of it is run again. */
async function unreported<Own>(engine: WorkloadEngine, job: WarmJob<Own>, input: WarmInput<Own>) {
  const noted = input.out === null ? undefined : await notedRun(input.out);
  const last = noted === undefined ? undefined : await engine.find(job, { key: keyOfRun(input) });
  if (!last || last.id !== noted) return undefined;
  const { status, metadata } = await last.state();
  const isSame = metadata.fingerprint === job.definition.fingerprint?.(input);
  return isSame && (status === 'completed' || status === 'failed') ? last : undefined;
}

async function start<Own>(
  engine: WorkloadEngine,
  job: WarmJob<Own>,
  input: WarmInput<Own>,
  { timeout = '30s', executor }: WarmRequest<Own>,
  { signal }: WarmHooks,
): Promise<WorkloadSession<number, LoadedItem>> {
  const options = { itemTimeout: timeout, ...(executor && { executor }), ...(signal && { signal }) };
  try {
    return await engine.start(job, input, options);
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'INPUT_CHANGED') throw error;
    // What a dead host left has other keys, or was to be done in another way: it would be out of date.
    const last = await engine.find(job, { key: keyOfRun(input) });
    if ((await last?.state())?.status !== 'crashed') throw error;
    return engine.start(job, input, { ...options, onDuplicate: 'replace' });
  }
}

/** Writes to a cache that only this process has. */
async function fill(cache: WarmCache, input: WarmInput<unknown>, session: WorkloadSession<number, LoadedItem>): Promise<void> {
  for await (const { cacheKey, value } of session.outputs()) {
    if (value !== undefined) await cache.set(cacheKey, value, lifetimeOf(cacheKey, input.ttlMs));
  }
  if (input.refresh) await deleteUnlisted(cache, input);
}
