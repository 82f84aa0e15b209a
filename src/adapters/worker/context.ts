import { errorInfo } from '../../model/error-info.ts';
import { InvalidOptionError } from '../../model/errors.ts';
import { type ItemFailure, namesOf, type Task } from '../../model/executor.ts';
import type { ChunkContext, WorkContext } from '../../model/work.ts';
import type { Site } from './site.ts';

/** Counters of one batch. */
export type Counters = Map<string, number>;

/**
 * What the work may do and say while it has a piece in hand.
 *
 * One scope serves all items of a batch. An item that is abandoned in place, where its code runs on, takes its scope with it:
 * what it says later reaches nobody.
 */
export interface Scope {
  readonly context: WorkContext<unknown, unknown>;
  /** The piece succeeded: what it counted counts. */
  keepCounts(counters: Counters): void;
  /** The piece failed: it will be tried again, or is dead. Neither counts. */
  dropCounts(): void;
  /** Ends the scope and aborts its signal. */
  abandon(reason: unknown): void;
}

/** Opens the scope of one batch. Made for every batch, however short: so plain properties only, and nothing that is seldom used. */
export function openScope(site: Site, task: Task): Scope {
  let pending: Counters | undefined;
  let open = true;
  const own = site.abandons ? new AbortController() : undefined;

  const context: WorkContext<unknown, unknown> = {
    settings: site.settings,
    resource: site.resource,
    sessionId: site.group.sessionId,
    ...namesOf(site.group, task),
    attempt: task.attempt,
    tempDir: site.tempDir,
    signal: own ? AbortSignal.any([site.signal, own.signal]) : site.signal,
    log: site.log,
    progress() {
      if (open) site.note.beat();
    },
    count(name, by = 1) {
      if (typeof name !== 'string' || name === '') throw new InvalidOptionError('count', name, 'given a name');
      if (!Number.isSafeInteger(by)) throw new InvalidOptionError(`count('${name}')`, by, 'given a whole number');
      pending ??= new Map();
      pending.set(name, (pending.get(name) ?? 0) + by);
    },
  };

  return {
    context,
    keepCounts(counters) {
      if (!pending) return;
      for (const [name, by] of pending) counters.set(name, (counters.get(name) ?? 0) + by);
      pending = undefined;
    },
    dropCounts() {
      pending = undefined;
    },
    abandon(reason) {
      open = false;
      own?.abort(reason);
    },
  };
}

/**
 * Adds `begin` and `fail` to a scope's context, for `chunk` work.
 *
 * @param places - Places in the batch of the items that the chunk was given.
 * @param failures - Takes the refused items, by place. The first refusal of an item counts.
 */
export function chunkContext(
  { context }: Scope,
  site: Site,
  places: readonly number[],
  failures: Map<number, ItemFailure>,
): ChunkContext<unknown, unknown> {
  const placeOf = (index: number, name: string): number => {
    const place = places[index];
    if (place !== undefined) return place;
    throw new InvalidOptionError(name, index, `given an item's place in the chunk, from 0 to ${places.length - 1}`);
  };
  return Object.assign(context, {
    begin: (index: number): void => site.note.mention(placeOf(index, 'begin')),
    fail(index: number, error: unknown): void {
      const place = placeOf(index, 'fail');
      if (!failures.has(place)) failures.set(place, { place, error: errorInfo(error) });
    },
  });
}
