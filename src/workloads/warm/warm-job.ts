import { createHash } from 'node:crypto';
import { byWeight } from '../../model/chunkers.ts';
import { defineJob, type FinalizeContext, type Job, type Policies } from '../../model/job.ts';
import { openCache } from '../caches/open-cache.ts';
import { lifetimeOf, type Move, type WarmCache } from '../caches/warm-cache.ts';
import type { WarmWork } from './define-loaders.ts';
import { itemsOf, type ListedGroup, type LoadedItem, type WarmItem } from './warm-item.ts';

/** What one run loads, and where to. Made by `runWarm`. */
export interface WarmInput<Own = null> {
  readonly prefix: string;
  /** The only group or key that is wanted; null: all of them. */
  readonly only: { readonly group: string | null; readonly key: string | null };
  readonly groups: readonly ListedGroup[];
  /** The address of a cache that workers write to; null: the host has it. */
  readonly cache: string | null;
  readonly ttlMs: number;
  readonly refresh: boolean;
  readonly emptyIsError: string | null;
  /** The folder for the reports; null: none are written. */
  readonly out: string | null;
  /** Told from other runs by this: a staged value of a run that was given up is never taken for another's. */
  readonly run: string;
  /** The loaders' own settings. */
  readonly own: Own;
}

/** A job that warms caches: what {@link warmJob} makes. */
export type WarmJob<Own = null> = Job<WarmInput<Own>, number, LoadedItem>;

/**
 * Makes the job that warms a cache by loaders.
 *
 * @param work - `workModule<typeof loaders>(url)`, or the answer of `defineLoaders` itself, for loaders that wait on the host's own loop.
 * @param options - A name, and any policy. Items are tried once: what fails is tried again by the next run.
 */
export function warmJob<Own>(work: WarmWork<Own>, { name, ...policies }: { name: string } & Policies): WarmJob<Own> {
  return defineJob(work, {
    retry: { attempts: 1 },
    keep: '1d',
    ...policies,
    name,
    source: ({ prefix, groups }: WarmInput<Own>) => itemsOf(prefix, groups),
    chunk: byWeight({ weight: () => 1, max: ({ atOnce }: WarmItem) => atOnce, apart: ({ group }) => group }),
    itemId: ({ cacheKey }) => cacheKey,
    settings: (input) => {
      const { cache, ttlMs, emptyIsError, own } = input;
      return { cache, ttlMs, emptyIsError, own, stage: input.refresh && cache !== null ? stageOf(input) : null };
    },
    finalize: replaceAll,
    key: keyOfRun,
    fingerprint: fingerprintOf,
    metadata: (input) => ({ prefix: input.prefix, ...input.only, out: input.out, fingerprint: fingerprintOf(input) }),
  });
}

/** The same job with other policies, for sessions that a schedule starts: it can't give each its own. */
export function withPolicies<Own>(job: WarmJob<Own>, policies: Policies): WarmJob<Own> {
  return { ...job, definition: { ...job.definition, ...policies } };
}

/** One run at a time of the same keys. */
export function keyOfRun({ prefix, only: { group, key } }: Pick<WarmInput<unknown>, 'prefix' | 'only'>): string {
  return [prefix, ...(group === null && key === null ? [] : [group ?? '*']), ...(key === null ? [] : [key])].join(':');
}

/** How a run's keys are cut, and its own name, change nothing of what comes out. */
function fingerprintOf({ run: _, groups, ...rest }: WarmInput<unknown>): string {
  const what = { ...rest, groups: groups.map(({ keysPerChunk: _size, ...group }) => group) };
  return createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 32);
}

function stageOf({ prefix, run }: Pick<WarmInput<unknown>, 'prefix' | 'run'>): string {
  return `${prefix}~${run}~`;
}

/** After a refresh: what was loaded takes its place, then what is not listed any more goes. Answers how many values were loaded. */
async function replaceAll({ input, outputs }: FinalizeContext<LoadedItem, WarmInput<unknown>>): Promise<number> {
  const loaded: string[] = [];
  for await (const { cacheKey } of outputs) loaded.push(cacheKey);
  if (!input.refresh || input.cache === null) return loaded.length;
  const stage = stageOf(input);
  const moves = function* (): Generator<Move> {
    for (const to of loaded) yield { from: stage + to, to, ttlMs: lifetimeOf(to, input.ttlMs) };
  };
  const cache = await openCache(input.cache);
  try {
    await cache.swap(moves());
    await deleteUnlisted(cache, input);
    await cache.deletePrefix(stage);
  } finally {
    await cache.close();
  }
  return loaded.length;
}

/** The end of a refresh: what is not listed any more goes. Those whose loading failed are listed, and keep their old values. */
export async function deleteUnlisted(cache: WarmCache, { prefix, only, groups }: WarmInput<unknown>): Promise<void> {
  // Of one key alone nothing can be told of the others.
  if (only.key !== null) return;
  const listed = new Set<string>();
  for (const { cacheKey } of itemsOf(prefix, groups)) listed.add(cacheKey);
  await cache.deletePrefix(only.group === null ? `${prefix}:` : `${prefix}:${only.group}:`, listed);
}
