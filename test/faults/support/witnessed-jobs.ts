import { byCount } from '../../../src/model/chunkers.ts';
import { type AnyJob, defineJob, type Job } from '../../../src/model/job.ts';
import { defineWork, type WorkContext } from '../../../src/model/work.ts';

/** What was really done, as the work and the callbacks saw it. */
export interface Witness {
  /** Items, in the order in which work took them. */
  readonly ran: number[];
  /** The finalize id of each call of finalize. */
  readonly finalized: string[];
}

/** A small job that notes what it does, with the input that it is run on. */
export interface WitnessedJob {
  readonly job: Job<readonly number[], unknown, unknown>;
  readonly input: readonly number[];
  readonly witness: Witness;
  /** Items that end as dead letters. */
  readonly dead: readonly number[];
}

const oneToSeven = [1, 2, 3, 4, 5, 6, 7];

type Make = (witness: Witness) => { readonly job: AnyJob; readonly dead?: readonly number[] };

/** `each`, in chunks of two; item 5 never succeeds. */
const each: Make = (witness) => ({
  job: defineJob(
    defineWork({
      each: (item: number) => {
        witness.ran.push(item);
        if (item === 5) throw new Error('five is refused');
        return [item * item];
      },
    }),
    {
      name: 'each',
      source: (input: readonly number[]) => input,
      itemId: String,
      chunk: byCount(2),
      retry: { attempts: 1 },
      combine: (left, right) => [...left, ...right],
      finalize: ({ combined, finalizeId }) => {
        witness.finalized.push(finalizeId);
        return combined;
      },
    },
  ),
  dead: [5],
});

/** `chunk` with `combine`, and a finalize that fails once. */
const chunk: Make = (witness) => ({
  job: defineJob(
    defineWork({
      chunk: ({ items }: { items: readonly number[] }) => {
        witness.ran.push(...items);
        return items.map((item) => item * item);
      },
    }),
    {
      name: 'chunk',
      source: async function* (input: readonly number[]) {
        yield* input;
      },
      itemId: String,
      chunk: byCount(3),
      retry: { attempts: 2, backoff: { type: 'fixed', base: '1s', jitter: false } },
      combine: (left, right) => [...left, ...right],
      finalize: ({ combined, finalizeId }) => {
        witness.finalized.push(finalizeId);
        if (witness.finalized.length === 1) throw new Error('not yet');
        return combined;
      },
    },
  ),
});

/** Slices that the work reads by itself. */
const slices: Make = (witness) => ({
  job: defineJob(
    defineWork({
      read: function* ({ from, to }: { from: number; to: number }) {
        for (let item = from; item <= to; item++) yield item;
      },
      each: (item: number) => {
        witness.ran.push(item);
        return [item * item];
      },
    }),
    {
      name: 'slices',
      slices: (input: readonly number[]) =>
        input.flatMap((from) => (from % 2 === 1 ? [{ from, to: Math.min(from + 1, 7) }] : [])),
      combine: (left, right) => [...left, ...right],
      finalize: ({ combined, finalizeId }) => {
        witness.finalized.push(finalizeId);
        return combined;
      },
    },
  ),
});

/** Items 3 and 6 fail at their first attempt. */
const retry: Make = (witness) => ({
  job: defineJob(
    defineWork({
      each: (item: number, { attempt }: WorkContext<undefined, undefined>) => {
        witness.ran.push(item);
        if (attempt === 1 && item % 3 === 0) throw new Error('try again');
        return [item * item];
      },
    }),
    {
      name: 'retry',
      source: (input: readonly number[]) => input,
      itemId: String,
      chunk: byCount(2),
      retry: { attempts: 3, backoff: { type: 'fixed', base: '1s', jitter: false } },
      combine: (left, right) => [...left, ...right],
      finalize: ({ combined, finalizeId }) => {
        witness.finalized.push(finalizeId);
        return combined;
      },
    },
  ),
});

const makers = { each, chunk, slices, retry } as const;

/** The names of the jobs. */
export const witnessedJobs = Object.keys(makers) as readonly (keyof typeof makers)[];

/** One of them, with a witness of its own. */
export function witnessedJob(name: keyof typeof makers): WitnessedJob {
  const witness: Witness = { ran: [], finalized: [] };
  const { job, dead = [] } = makers[name](witness);
  return { job: job as WitnessedJob['job'], input: oneToSeven, witness, dead };
}
