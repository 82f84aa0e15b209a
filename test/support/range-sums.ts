import { byRange } from '../../src/model/chunkers.ts';
import type { IncrementalPolicy } from '../../src/model/incremental.ts';
import { defineJob, type Job } from '../../src/model/job.ts';
import type { Awaitable, ChunkContext } from '../../src/model/work.ts';
import { defineWork } from '../../src/model/work.ts';

/** Something at a place of an axis. */
export interface Reading {
  readonly at: number;
  readonly value: unknown;
}

/** A user's readings, in order. */
export interface History {
  readonly user: string;
  readonly readings: readonly Reading[];
  readonly factor?: number;
  /** Which of the odd values each reading has. */
  readonly odd?: number;
}

/** No two are the same, though JSON writes all of them alike, or not at all. */
export const oddValues = [undefined, Number.NaN, new Map([[1, 2]]), null];

/** What a test may have otherwise. */
export interface SumsOptions {
  readonly version?: string;
  readonly size?: number;
  readonly overlap?: number;
  readonly policy?: IncrementalPolicy<History>;
  readonly run?: (value: unknown, context: ChunkContext<{ factor: number }>, before: readonly Reading[]) => Awaitable<number>;
}

/** Each user is a series. */
export const ofUser: IncrementalPolicy<History> = { series: ({ user }) => user };

/** Sums ranges of ten, each with what lies before it within the overlap; notes the ranges that it runs. */
export function sumsJob(
  ran: string[],
  options: SumsOptions = {},
): Job<History, readonly string[] | undefined, readonly string[]> {
  const { size = 10, overlap = 2, version = '1', policy: incremental = ofUser } = options;
  const { run = (value, { settings }) => (value as number) * settings.factor } = options;
  const work = defineWork({
    chunk: async (
      { items, overlap: { before } }: { items: readonly Reading[]; overlap: { before: readonly Reading[] } },
      context: ChunkContext<{ factor: number }>,
    ) => {
      const from = Math.floor((items[0]?.at ?? 0) / size) * size;
      ran.push(String(from));
      context.count('readings', items.length);
      let sum = 0;
      for (const [index, { value }] of items.entries()) {
        context.begin(index);
        sum += await run(value, context, before);
      }
      return [`${from}: ${sum} after ${before.map(({ value }) => String(value)).join('+')}`];
    },
  });
  return defineJob(work, {
    name: 'sums',
    version,
    source: ({ readings, odd }: History) =>
      odd === undefined ? readings : readings.map(({ at }) => ({ at, value: oddValues[odd] })),
    chunk: byRange({ key: ({ at }: Reading) => at, size, overlap }),
    settings: ({ factor = 1 }) => ({ factor }),
    combine: (left, right) => [...left, ...right],
    retry: { attempts: 2, backoff: { base: 0 } },
    incremental,
  });
}

/** Readings at these times, each worth its time. */
export function history(...times: readonly number[]): History {
  return { user: 'ann', readings: times.map((at) => ({ at, value: at })) };
}
