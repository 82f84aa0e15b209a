import { InvalidOptionError } from './errors.ts';
import type { SessionId } from './ids.ts';
import type { Logger } from './logger.ts';

declare const types: unique symbol;

/** A value, or a promise of it. */
export type Awaitable<T> = T | Promise<T>;

/** What sources and readers give: anything that can be read one by one. */
export type Stream<T> = Iterable<T> | AsyncIterable<T>;

/** What `setup` and `read` see. */
export interface SetupContext<Settings> {
  /** The job's settings, fixed when the session started. */
  readonly settings: Settings;
  /** Aborts when the attempt is given up: cancel, timeout, close. */
  readonly signal: AbortSignal;
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
}

/** What `each` sees besides its item. */
export interface WorkContext<Settings = undefined, Resource = undefined> extends SetupContext<Settings> {
  /** What `setup` returned, once per worker and distinct settings. */
  readonly resource: Resource;
  readonly sessionId: SessionId;
  /** The batch's natural key: the same for every run of the same piece of the same input. */
  readonly taskId: string;
  /** A UUID, the same over all attempts of this batch. */
  readonly executionId: string;
  /** Which try this is, from 1. */
  readonly attempt: number;
  /** A folder of this session's own, made when first asked for and removed when the session ends. */
  tempDir(): Promise<string>;
  /** Says that `itemsDone` items of the batch are done: feeds `stall` and nothing else. */
  progress(itemsDone: number): void;
  /** Adds a whole number to a counter of the session. Counted once, however often the batch is tried. */
  count(name: string, by?: number): void;
}

/** What `chunk` sees besides its chunk. */
export interface ChunkContext<Settings = undefined, Resource = undefined> extends WorkContext<Settings, Resource> {
  /** Notes the item in hand, by its place in `items`: what a crash is blamed on first. */
  begin(index: number): void;
  /** Gives up one item, by its place in `items`: it becomes a dead letter, and the chunk goes on. */
  fail(index: number, error: unknown): void;
}

/** A piece of the input, as `chunk` work gets it. */
export interface Chunk<Item, Slice = never> {
  /** The core, in input order. Empty when the work reads its own slice without `read`. */
  readonly items: readonly Item[];
  /** Neighbours outside the core, for work that looks around. Never part of the result. */
  readonly overlap: { readonly before: readonly Item[]; readonly after: readonly Item[] };
  /** What the job's `slices` gave for this chunk. */
  readonly slice: Slice;
  /** The chunk's number, from 0. */
  readonly index: number;
}

interface Life<Settings, Resource> {
  /** Called once per worker and distinct settings, before the first piece. */
  setup?: (context: SetupContext<Settings>) => Awaitable<Resource>;
  /** Called when the worker is put away in an orderly manner. */
  teardown?: (resource: NoInfer<Resource>) => Awaitable<void>;
}

interface EachWork<Item, Output, Settings, Resource> {
  /** Takes one item. What it throws fails this item alone. */
  each: (item: Item, context: WorkContext<Settings, NoInfer<Resource>>) => Awaitable<Output>;
  chunk?: never;
}

interface ChunkWork<Item, Output, Settings, Resource, Slice> {
  /** Takes a whole chunk. What it throws fails the batch. */
  chunk: (chunk: Chunk<Item, Slice>, context: ChunkContext<Settings, NoInfer<Resource>>) => Awaitable<Output>;
  each?: never;
}

interface ReadWork<Item, Settings, Slice> {
  /** Reads the slice's items inside the worker. Without it, a slice is one item. */
  read?: (slice: Slice, context: SetupContext<NoInfer<Settings>>) => Stream<Item>;
}

/** The functions of a work, as its author wrote them. */
export type WorkDefinition<Item, Output, Settings, Resource, Slice> = Life<Settings, Resource> &
  ReadWork<Item, Settings, Slice> &
  (EachWork<Item, Output, Settings, Resource> | ChunkWork<Item, Output, Settings, Resource, Slice>);

/** What a worker runs, typed by item, output, settings and slice. Made by {@link defineWork} or {@link workModule}. */
export interface Work<in Item, out Output, in Settings, in Slice> {
  readonly source: WorkSource;
  readonly [types]?: {
    item: (item: Item) => void;
    output: Output;
    settings: (settings: Settings) => void;
    slice: (slice: Slice) => void;
  };
}

/** Where a work comes from: a module that each worker loads, or functions of the host itself. */
export type WorkSource =
  | { readonly type: 'module'; readonly url: string }
  | { readonly type: 'in-place'; readonly work: AnyWorkDefinition };

/** A work whose types are not known any more: what the worker's runtime holds. */
export interface AnyWorkDefinition {
  readonly setup?: (context: SetupContext<unknown>) => unknown;
  readonly teardown?: (resource: unknown) => unknown;
  readonly read?: (slice: unknown, context: SetupContext<unknown>) => Stream<unknown>;
  readonly each?: (item: unknown, context: WorkContext<unknown, unknown>) => unknown;
  readonly chunk?: (chunk: Chunk<unknown, unknown>, context: ChunkContext<unknown, unknown>) => unknown;
}

/**
 * Defines what is done with one item (`each`) or one chunk (`chunk`).
 *
 * Write `setup` before `each`, and the item's type at `each`: the rest is inferred.
 *
 * In a module ({@link workModule}) it is given copies of its own, by structured clone, wherever it runs: it may change its items
 * in place, and class instances arrive as plain objects. Items of one batch may still share an object, as they do in the source.
 * In place it is given the host's own objects, methods and all. It must not change them: its next attempt would see it.
 *
 * @example
 * ```ts
 * export default defineWork({ each: (line: string) => line.length });
 * ```
 */
export function defineWork<Item, Output, Settings = undefined, Resource = undefined, Slice = never>(
  work: WorkDefinition<Item, Output, Settings, Resource, Slice>,
): Work<Item, Output, Settings, Slice> {
  const definition = work as unknown as AnyWorkDefinition;
  checkDefinition(definition);
  return { source: { type: 'in-place', work: definition } };
}

/**
 * Names the module whose default export is a {@link defineWork}. Each worker loads it by itself.
 *
 * @param file - A `file:` URL or an absolute path; `new URL('./x.work.ts', import.meta.url)` is the usual form.
 * @throws InvalidOptionError for anything else: rows, names of packages and remote code are never loaded.
 */
export function workModule<W extends Work<never, unknown, never, never>>(file: URL | string): W {
  const url = moduleUrl(file);
  // The type is a promise of the author (`typeof work`); its shape is checked when the module is loaded.
  return { source: { type: 'module', url } } as W;
}

function moduleUrl(file: URL | string): string {
  if (file instanceof URL && file.protocol === 'file:') return file.href;
  if (typeof file === 'string' && file.startsWith('file:')) return new URL(file).href;
  if (typeof file === 'string' && /^([/\\]|[A-Za-z]:[/\\])/.test(file)) return pathUrl(file);
  throw new InvalidOptionError(
    'workModule',
    String(file),
    "a file: URL or an absolute path, such as new URL('./x.work.ts', import.meta.url)",
  );
}

function pathUrl(path: string): string {
  const slashes = path.replaceAll('\\', '/');
  const url = new URL('file:///');
  url.pathname = slashes.replaceAll('%', '%25');
  return url.href;
}

/** Whether a value has the shape of a work's functions: `each` or `chunk`, and only one of them. */
export function isWorkDefinition(value: unknown): value is AnyWorkDefinition {
  if (typeof value !== 'object' || value === null) return false;
  const { each, chunk } = value as { each?: unknown; chunk?: unknown };
  return (typeof each === 'function') !== (typeof chunk === 'function');
}

function checkDefinition(work: AnyWorkDefinition): void {
  if (!isWorkDefinition(work)) throw new InvalidOptionError('defineWork', work, 'an object with either each or chunk');
}

/** Time limits of one run, in milliseconds. Absent: no limit. */
export interface Limits {
  readonly timeoutMs?: number;
  readonly itemTimeoutMs?: number;
  readonly stallMs?: number;
}
