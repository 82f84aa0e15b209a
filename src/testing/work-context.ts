import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidOptionError } from '../model/errors.ts';
import { executionIdOf } from '../model/ids.ts';
import { silentLogger } from '../model/logger.ts';
import { type AnyWorkDefinition, type ChunkContext, isWorkDefinition, type Work, type WorkContext } from '../model/work.ts';
import { sequentialSessionId } from './open-work.ts';

/** What a test gives the work to see. */
export interface WorkContextOptions<Settings, Resource> {
  settings?: Settings;
  /** What `setup` would have returned. */
  resource?: Resource;
  signal?: AbortSignal;
  /** @default 1 */
  attempt?: number;
  /** @default 'test:0' */
  taskId?: string;
  /** @default silent */
  log?: WorkContext<Settings, Resource>['log'];
}

/** A context for one call, and what the work said to it. */
export interface TestContext<Settings, Resource> extends ChunkContext<Settings, Resource> {
  /** What `count` added up to. */
  readonly counters: Readonly<Record<string, number>>;
  /** What `fail` gave up, by place. */
  readonly failures: ReadonlyMap<number, unknown>;
  /** The item noted last by `begin`; -1: none. */
  readonly begun: number;
  /** What `progress` said last. */
  readonly done: number;
  /** Removes the folder that `tempDir` made, if it did. */
  close(): Promise<void>;
}

/**
 * Makes the context of one call of `each` or `chunk`, for testing a work by itself.
 *
 * @example
 * ```ts
 * const context = workContext({ settings: { words: 'a b' } });
 * assert.is(await callEach(work, 'a line', context), 2);
 * ```
 */
export function workContext<Settings = undefined, Resource = undefined>(
  options: WorkContextOptions<Settings, Resource> = {},
): TestContext<Settings, Resource> {
  const counters: Record<string, number> = {};
  const failures = new Map<number, unknown>();
  const said = { begun: -1, done: 0 };
  let folder: Promise<string> | undefined;
  return {
    // Absent settings and resource are undefined: what their types say when a work has none.
    settings: options.settings as Settings,
    resource: options.resource as Resource,
    signal: options.signal ?? new AbortController().signal,
    attempt: options.attempt ?? 1,
    taskId: options.taskId ?? 'test:0',
    log: options.log ?? silentLogger,
    sessionId: sequentialSessionId,
    executionId: executionIdOf(sequentialSessionId, 0),
    counters,
    failures,
    count(name, by = 1) {
      if (!Number.isSafeInteger(by)) throw new InvalidOptionError(`count('${name}')`, by, 'given a whole number');
      counters[name] = (counters[name] ?? 0) + by;
    },
    progress: (itemsDone) => {
      said.done = itemsDone;
    },
    begin: (index) => {
      said.begun = index;
    },
    fail: (index, error) => void failures.set(index, error),
    get begun() {
      return said.begun;
    },
    get done() {
      return said.done;
    },
    tempDir() {
      folder ??= mkdtemp(join(tmpdir(), `millrace-test-${randomUUID()}-`));
      return folder;
    },
    async close() {
      if (folder) await rm(await folder, { recursive: true, force: true });
    },
  };
}

/**
 * Calls a work's `each` with one item. `setup` is not called: the context has the resource.
 *
 * @throws InvalidOptionError when the work is named by a module (import it and give its default export) or has no `each`.
 */
export async function callEach<Item, Output, Settings, Slice>(
  work: Work<Item, Output, Settings, Slice>,
  item: NoInfer<Item>,
  context: WorkContext<NoInfer<Settings>, unknown>,
): Promise<Output> {
  const { each } = definitionOf(work);
  if (!each) throw new InvalidOptionError('callEach', 'work with chunk', 'given work with each');
  // The output's type is the promise of `defineWork`, from which this function came.
  return (await each(item, context)) as Output;
}

function definitionOf({ source }: Work<never, unknown, never, never>): AnyWorkDefinition {
  if (source.type === 'in-place' && isWorkDefinition(source.work)) return source.work;
  throw new InvalidOptionError(
    'callEach',
    source.type,
    'given what defineWork returned: import the work module and pass its default export',
  );
}
