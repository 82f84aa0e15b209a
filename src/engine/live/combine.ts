import { MillraceError } from '../../model/errors.ts';
import type { SessionId } from '../../model/ids.ts';
import type { JobDefinition } from '../../model/job.ts';
import type { Gaps, MissingItems } from './missing-items.ts';
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

/** Batches that are looked through at once for what is missing in them. */
const windowOfGaps = 1_024;

/** @param gaps - Absent: what was given up is as if it had never been in the input. */
export function createCombiner(
  store: OutputSource,
  id: SessionId,
  kind: 'each' | 'chunk',
  combine: Combine,
  gaps?: Gaps,
): Combiner {
  const begin = () => ({ runs: createRuns(combine, gaps?.hole), missing: gaps?.read() });
  let pass = begin();
  let next = 0;
  let goal = 0;
  let reading: Promise<void> | undefined;
  let failure: { readonly thrown: unknown } | undefined;

  const readOn = async (): Promise<void> => {
    while (next < goal && !failure) {
      const { runs, missing } = pass;
      const begun = pass;
      const upTo = missing ? Math.min(goal, next + windowOfGaps) : goal;
      const absent = await missing?.(next, upTo - 1);
      for await (const outputs of readOutputs(store, id, kind, next, upTo - 1)) addBatch(runs, outputs, absent);
      if (absent) skipBefore(runs, absent, Number.POSITIVE_INFINITY);
      // Reset meanwhile: what was read is of no use.
      if (begun === pass) next = upTo;
    }
  };
  const start = (): Promise<void> => {
    const begun = pass;
    reading ??= readOn()
      .catch((thrown: unknown) => {
        // Reset meanwhile: it failed on outputs that are no longer true.
        if (begun === pass) failure = { thrown };
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
      return pass.runs.total();
    },
    reset() {
      pass = begin();
      next = 0;
      goal = 0;
      failure = undefined;
    },
  };
}

type Runs = ReturnType<typeof createRuns>;

/** Takes up a batch's outputs, and what was given up between them. `absent` loses what is behind. */
function addBatch(runs: Runs, { number, values, spanOf }: BatchOutputs, absent?: MissingItems): void {
  if (absent) skipBefore(runs, absent, number);
  let places = absent?.get(number) ?? none;
  absent?.delete(number);
  for (const [index, value] of values.entries()) {
    if (places.length > 0) {
      const [first, last] = spanOf(index);
      runs.skip(places.filter((place) => place < first).length);
      places = places.filter((place) => place > last);
    }
    runs.add(number, value);
  }
  runs.skip(places.length);
}

const none: readonly number[] = [];

/** Batches that have no output at all, up to one that has. */
function skipBefore(runs: Runs, absent: MissingItems, end: number): void {
  for (const [number, places] of absent) {
    if (number >= end) return;
    runs.skip(places.length);
    absent.delete(number);
  }
}

/**
 * Pairs runs of equal size, as a binary counter does: at most log2(n) partial results at a time, and each output is
 * taken up log2(n) times at most. A left fold over lists would copy the whole list n times.
 */
function createRuns(combine: Combine, hole: Gaps['hole'] | undefined) {
  const runs: Run[] = [];
  let missing = 0;
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
  const push = (number: number, value: unknown): void => {
    runs.push({ from: number, to: number, size: 1, value });
    while (runs.length > 1 && runs.at(-1)?.size === runs.at(-2)?.size) joinLastTwo();
  };
  const fill = (number: number): void => {
    if (missing === 0 || !hole) return;
    const items = missing;
    missing = 0;
    try {
      push(number, hole({ items }));
    } catch (cause) {
      if (cause instanceof MillraceError) throw cause;
      throw new MillraceError('COMBINE_FAILED', `hole threw for ${items} items before chunk ${number}: ${String(cause)}`, {
        cause,
      });
    }
  };
  return {
    add(number: number, value: unknown): void {
      fill(number);
      push(number, value);
    },
    /** Items that were given up behind what was added last. */
    skip(items: number): void {
      missing += items;
    },
    total(): unknown {
      fill((runs.at(-1)?.to ?? -1) + 1);
      while (runs.length > 1) joinLastTwo();
      return runs[0]?.value;
    },
  };
}
