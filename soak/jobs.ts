import { createHash } from 'node:crypto';
import { byCount, type Chunker } from '../src/model/chunkers.ts';
import { encode } from '../src/model/codec.ts';
import { defineJob, type FinalizeContext, type Job } from '../src/model/job.ts';
import { workModule } from '../src/model/work.ts';
import { openHistory } from './history.ts';
import type itemsWork from './items.work.ts';
import { share, work } from './pace.ts';
import type piecesWork from './pieces.work.ts';
import type { JobKind, SessionPlan } from './plan.ts';
import { joinRuns } from './runs.ts';

/** A job of the soak: its result is a list, of runs or of answers. */
export type SoakJob = Job<SessionPlan, unknown, unknown>;

const policies = { retry: { attempts: 3, backoff: { base: 0 } } };

/** The job of a kind. */
export function jobOf(kind: JobKind): SoakJob {
  switch (kind) {
    case 'pieces':
      return piecesJob(kind, byCount(8));
    case 'varied':
      return piecesJob(kind, changingSizes);
    case 'items':
      return itemsJob(kind, 16);
    case 'singles':
      return itemsJob(kind, 1);
  }
}

function piecesJob(name: string, chunk: Chunker<number>): SoakJob {
  return defineJob(workModule<typeof piecesWork>(new URL('./pieces.work.ts', import.meta.url)), {
    name,
    source: momentsOf,
    chunk,
    settings: (plan: SessionPlan) => plan,
    combine: joinRuns,
    finalize,
    key: ({ key }) => key,
    ...policies,
  });
}

function itemsJob(name: string, size: number): SoakJob {
  return defineJob(workModule<typeof itemsWork>(new URL('./items.work.ts', import.meta.url)), {
    name,
    source: function* ({ items }: SessionPlan) {
      for (let item = 0; item < items; item++) yield item;
    },
    chunk: byCount(size),
    settings: (plan: SessionPlan) => plan,
    finalize: async (context) => {
      const answers: string[] = [];
      for await (const answer of context.outputs) answers.push(answer);
      return finalize({ ...context, combined: answers });
    },
    key: ({ key }) => key,
    ...policies,
  });
}

/** Ascending moments with gaps of 1 to 45: about every third is a long one. */
export function* momentsOf({ seed, items }: SessionPlan): Generator<number> {
  let at = 0;
  for (let item = 0; item < items; item++) {
    at += 1 + Math.floor(share(seed, item) * 45);
    yield at;
  }
}

/** Chunks of 1 to 24 items, by where they begin. */
const changingSizes: Chunker<number> = {
  description: 'changing',
  looksAround: false,
  start(first = 0) {
    const sizeAt = (position: number): number => 1 + Math.floor(share(7, position) * 24);
    let cutter = byCount(sizeAt(first)).start(first);
    return {
      push(item) {
        const cuts = cutter.push(item);
        for (const { first: from, items } of cuts) {
          const next = from + items.length;
          cutter = byCount(sizeAt(next)).start(next);
        }
        return cuts;
      },
      end: () => cutter.end(),
    };
  },
};

/** Takes a moment, so that hosts are killed in it, and tells the outside what it gives. */
async function finalize({ input, combined, finalizeId }: FinalizeContext<unknown, SessionPlan>): Promise<unknown> {
  const { history, finalizeMs } = input;
  const result = combined ?? [];
  if (history === '') return result;
  const note = openHistory(history);
  const fact = { type: 'finalize', session: finalizeId.slice(0, 36), finalizeId, digest: digestOf(result) } as const;
  await work(finalizeMs / 2, false, () => undefined);
  note(fact);
  await work(finalizeMs / 2, false, () => undefined);
  return result;
}

/** A value in a few characters: equal for equal bytes in a store. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(encode(value)).digest('hex').slice(0, 16);
}
