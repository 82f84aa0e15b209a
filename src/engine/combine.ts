import { MillraceError } from '../model/errors.ts';
import type { SessionId } from '../model/ids.ts';
import type { JobDefinition } from '../model/job.ts';
import { type BatchOutputs, type OutputSource, readOutputs } from './outputs.ts';

/** Joins outputs in input order while the session runs. Never the truth: after a crash it starts again from the stored outputs. */
export interface Combiner {
  /** Every batch below this number has ended. Reads on behind the scenes. */
  advance(lowestOpen: number): void;
  /** All batches have ended: reads to the end. `undefined` when nothing completed. @throws MillraceError `COMBINE_FAILED` */
  finish(chunks: number): Promise<unknown>;
  /** An output that was taken up is no longer true: begins anew. */
  reset(): void;
}

interface Run {
  readonly from: number;
  readonly to: number;
  /** Outputs in it. */
  readonly size: number;
  readonly value: unknown;
}

type Combine = NonNullable<JobDefinition['combine']>;

export function createCombiner(store: OutputSource, id: SessionId, kind: 'each' | 'chunk', combine: Combine): Combiner {
  let runs = createRuns(combine);
  let next = 0;
  let goal = 0;
  let reading: Promise<void> | undefined;
  let failure: { readonly thrown: unknown } | undefined;

  const readOn = async (): Promise<void> => {
    while (next < goal && !failure) {
      const upTo = goal;
      const into = runs;
      for await (const outputs of readOutputs(store, id, kind, next, upTo - 1)) into.add(outputs);
      // Reset meanwhile: what was read is of no use.
      if (into === runs) next = upTo;
    }
  };
  const start = (): Promise<void> => {
    reading ??= readOn()
      .catch((thrown: unknown) => {
        failure = { thrown };
      })
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
  return {
    advance(lowestOpen) {
      goal = Math.max(goal, lowestOpen);
      if (next < goal && !failure) void start();
    },
    async finish(chunks) {
      goal = Math.max(goal, chunks);
      while (next < goal && !failure) await start();
      if (failure) throw failure.thrown;
      return runs.total();
    },
    reset() {
      runs = createRuns(combine);
      next = 0;
      goal = 0;
      failure = undefined;
    },
  };
}

/**
 * Pairs runs of equal size, as a binary counter does: at most log2(n) partial results at a time, and each output is
 * taken up log2(n) times at most. A left fold over lists would copy the whole list n times.
 */
function createRuns(combine: Combine) {
  const runs: Run[] = [];
  const join = (left: Run, right: Run): Run => {
    try {
      return { from: left.from, to: right.to, size: left.size + right.size, value: combine(left.value, right.value) };
    } catch (cause) {
      const message = `combine threw on the outputs of chunks ${left.from}-${left.to} and ${right.from}-${right.to}: ${String(cause)}`;
      throw new MillraceError('COMBINE_FAILED', message, { cause });
    }
  };
  const joinLastTwo = (): void => {
    const right = runs.pop() as Run;
    const left = runs.pop() as Run;
    runs.push(join(left, right));
  };
  return {
    add({ number, values }: BatchOutputs): void {
      for (const value of values) {
        runs.push({ from: number, to: number, size: 1, value });
        while (runs.length > 1 && runs.at(-1)?.size === runs.at(-2)?.size) joinLastTwo();
      }
    },
    total(): unknown {
      while (runs.length > 1) joinLastTwo();
      return runs[0]?.value;
    },
  };
}
