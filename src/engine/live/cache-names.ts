import { createHash } from 'node:crypto';
import type { CacheName } from '../../model/cache.ts';
import { checkText } from '../../model/check-job-definition.ts';
import { copyPayload, decode, encode, NotEncodableError, type Payload } from '../../model/codec.ts';
import { InvalidOptionError } from '../../model/errors.ts';
import type { TaskInput } from '../../model/executor.ts';
import { isInstance } from '../../model/is-instance.ts';
import type { JobDefinition } from '../../model/job.ts';
import type { Logger } from '../../model/logger.ts';
import type { SessionRecord } from '../../model/records.ts';
import type { LiveBatch } from './live-batch.ts';

/** What batches of an incremental session are found by in the cache. */
export interface SessionCache {
  readonly series: string;
  /** Null: the batch has no range that stays, or nothing exact can be said of its contents. */
  nameOf(batch: LiveBatch): CacheName | null;
}

/** Part of every key: raised when outputs are encoded in another way. */
const form = 'millrace-1';

/** The longest name of a range: the store finds rows by it. */
const longestRange = 1_000;

/**
 * A session's cache; null when it is not incremental.
 *
 * @throws InvalidOptionError when the job gives a series that is no text, or settings that can't be encoded.
 */
export function cacheOf(
  { name, version, incremental }: JobDefinition,
  input: unknown,
  { settings, chunking }: Pick<SessionRecord, 'settings' | 'chunking'>,
  logger: Logger,
): SessionCache | null {
  if (!incremental) return null;
  const given = incremental.series(input);
  if (given === null) return null;
  const series = checkText(given, `${name}: incremental.series`);
  const own = incremental.settings && encode(incremental.settings(input) ?? null, `incremental.settings of job ${name}`);
  const base = digestOf([form, version, chunking, own ?? settings ?? '']);
  const keyOf = (content: Payload): string => digestOf([base, content]);
  const names = new WeakMap<LiveBatch, CacheName | null>();
  let warned = false;

  const nameOf = ({ input: taskInput, range }: LiveBatch): CacheName | null => {
    if (taskInput.type === 'slice') return sliceName(taskInput.slice);
    const content = range && contentOf(taskInput);
    return range && content !== null ? { series, range: `${range.from}:${range.to}`, key: keyOf(content) } : null;
  };
  const sliceName = (slice: Payload): CacheName | null => {
    const part = incremental.part?.(decode(copyPayload(slice)));
    if (!part) return null;
    const range = checkText(part.range, `${name}: incremental.part().range`);
    if (range.length > longestRange) {
      throw new InvalidOptionError(`${name}: incremental.part().range`, range, `at most ${longestRange} characters`);
    }
    return { series, range, key: keyOf(checkText(part.content, `${name}: incremental.part().content`)) };
  };
  /** The strict codec, since no two contents may look the same: what it refuses is run each time. */
  const contentOf = ({ items, before, after }: Extract<TaskInput, { type: 'items' }>): Payload | null => {
    try {
      return encode([before, items, after], 'items');
    } catch (error) {
      if (!isInstance(error, NotEncodableError)) throw error;
      if (!warned) logger.warn({ reason: error.message }, 'chunks are not cached: their items have no exact encoding');
      warned = true;
      return null;
    }
  };
  return {
    series,
    nameOf(batch) {
      const known = names.get(batch);
      if (known !== undefined) return known;
      const found = nameOf(batch);
      names.set(batch, found);
      return found;
    },
  };
}

/** Each part with its length and kind, so that no two lists give the same bytes. */
function digestOf(parts: readonly Payload[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${typeof part === 'string' ? 't' : 'b'}${part.length}:`).update(part);
  return hash.digest('hex').slice(0, 40);
}
