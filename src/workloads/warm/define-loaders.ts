import { createHash } from 'node:crypto';
import { messageOf } from '../../model/error-info.ts';
import { PermanentError } from '../../model/errors.ts';
import { type Awaitable, defineWork, type SetupContext, type Work } from '../../model/work.ts';
import { openCache } from '../caches/open-cache.ts';
import { lifetimeOf, type WarmCache } from '../caches/warm-cache.ts';
import type { LoadedItem, WarmItem } from './warm-item.ts';

/** What workers see of a run. */
export interface WarmSettings<Own = null> {
  /** The address of the cache; null: the host has it, and writes the values. */
  readonly cache: string | null;
  readonly ttlMs: number;
  /** What the cache's keys begin with until all is loaded; null: values are written to their own keys at once. */
  readonly stage: string | null;
  /** Why an item without rows has failed; null: that is a value like any other. */
  readonly emptyIsError: string | null;
  /** The loaders' own. */
  readonly own: Own;
}

/** The work of a run: made by {@link defineLoaders}. */
export type WarmWork<Own = null> = Work<WarmItem, LoadedItem, WarmSettings<Own>, never>;

/** Loads the value of one key: anything that JSON can hold. Nothing, or an empty list, counts as no rows. */
export type Loader<Resource = undefined> = (key: string | number, signal: AbortSignal, resource: Resource) => unknown;

/** What a loader works with: a connection of each worker's own, usually. */
export interface LoaderLife<Resource, Own> {
  /** Called once per worker, before the first item. */
  setup?: (context: SetupContext<Own>) => Awaitable<Resource>;
  /** Called when the worker is put away in an orderly manner. */
  teardown?: (resource: NoInfer<Resource>) => Awaitable<void>;
}

/** How the values of a run are loaded, by the names of the loaders. The default export of a work module. */
export function defineLoaders<Resource = undefined, Own = null>(
  definition: LoaderLife<Resource, Own> & { loaders: Readonly<Record<string, Loader<NoInfer<Resource>>>> },
): WarmWork<Own> {
  const { loaders } = definition;
  return loaderWork(definition, ({ loader, key }, signal, resource) => {
    const load = Object.hasOwn(loaders, loader) ? loaders[loader] : undefined;
    if (!load) throw new PermanentError(`There is no loader ${loader}; the module has ${Object.keys(loaders).join(', ')}.`);
    return load(key, signal, resource);
  });
}

/** Work that loads items one after another, and writes each value once it is there: what fails leaves the old one in the cache. */
export function loaderWork<Resource, Own>(
  { setup, teardown }: LoaderLife<Resource, Own>,
  load: (item: WarmItem, signal: AbortSignal, resource: Resource) => unknown,
): WarmWork<Own> {
  return defineWork({
    setup: async ({ settings, ...context }: SetupContext<WarmSettings<Own>>) => {
      const cache = settings.cache === null ? null : await openCache(settings.cache);
      try {
        // Without `setup` there is no resource, and its type is undefined.
        return { cache, own: (await setup?.({ ...context, settings: settings.own })) as Resource };
      } catch (error) {
        await cache?.close();
        throw error;
      }
    },
    teardown: async ({ cache, own }) => {
      await cache?.close();
      await teardown?.(own);
    },
    each: async (item: WarmItem, { resource: { cache, own }, settings, signal }): Promise<LoadedItem> => {
      const at = Date.now();
      const begun = performance.now();
      const took = (): number => Math.round(performance.now() - begun);
      try {
        const { text, rows } = jsonOf(await load(item, signal, own), settings.emptyIsError);
        await write(cache, settings, item.cacheKey, text);
        const sha1 = createHash('sha1').update(text).digest('hex');
        const loaded = { cacheKey: item.cacheKey, rows, bytes: Buffer.byteLength(text), sha1, ms: took(), at };
        return cache ? loaded : { ...loaded, value: text };
      } catch (thrown) {
        throw withTimes(thrown, { tookMs: took(), at });
      }
    },
  });
}

function jsonOf(loaded: unknown, emptyIsError: string | null): { text: string; rows: number } {
  const value = loaded ?? null;
  const rows = Array.isArray(value) ? value.length : value === null ? 0 : 1;
  if (rows === 0 && emptyIsError !== null) throw new PermanentError(emptyIsError);
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new PermanentError(`The loader gave a ${typeof value}, which JSON can't hold.`);
  return { text, rows };
}

async function write(cache: WarmCache | null, { stage, ttlMs }: WarmSettings<unknown>, key: string, text: string): Promise<void> {
  try {
    // What is staged must last until all is loaded, however long that takes; its time begins anew when it is moved.
    if (stage === null) await cache?.set(key, text, lifetimeOf(key, ttlMs));
    else await cache?.set(stage + key, text, ttlMs + stagedMs);
  } catch (cause) {
    throw Object.assign(new Error(`The value could not be written to the cache: ${messageOf(cause)}`, { cause }), {
      code: 'CACHE_FAILED',
    });
  }
}

/** How long a run may take until values that it loaded first are given up with it. */
const stagedMs = 86_400_000;

/** The report tells how long failures took, too: an error's own properties travel with it. */
function withTimes(thrown: unknown, times: { tookMs: number; at: number }): unknown {
  return thrown instanceof Error && Object.isExtensible(thrown) ? Object.assign(thrown, times) : thrown;
}
