import type { Fate, JobPlan, SimulatedItem } from './plan.ts';

/*
 * What one sequential run would have given, told from the plan alone: nothing here asks the engine, its chunkers or its codec.
 */

/** The chunks of a job: the items of each core, in order. */
export function chunksOf(job: JobPlan): readonly (readonly SimulatedItem[])[] {
  const chunks: SimulatedItem[][] = [];
  for (const item of job.items) {
    const last = chunks.at(-1);
    if (last && isSameChunk(job, last, item)) last.push(item);
    else chunks.push([item]);
  }
  return chunks;
}

function isSameChunk({ input, size }: JobPlan, chunk: readonly SimulatedItem[], item: SimulatedItem): boolean {
  if (input === 'range') return Math.floor(chunk[0] ? chunk[0].k / size : 0) === Math.floor(item.k / size);
  return chunk.length < (input === 'whole-slices' ? 1 : size);
}

/** What is said of one item: its place, and how many living items lie near it on the axis. */
export function saidOf(job: JobPlan, item: SimulatedItem, near: readonly SimulatedItem[]): readonly [number, number] {
  const neighbours =
    job.overlap > 0 && job.work === 'chunk' ? near.filter(({ k }) => Math.abs(k - item.k) <= job.overlap).length : 0;
  return [item.n, neighbours];
}

/** What the work returns for some items: a list of values, or their sum. */
export function outputOf(job: JobPlan, items: readonly SimulatedItem[], near: readonly SimulatedItem[]): unknown {
  const values = items.map((item) => saidOf(job, item, near));
  return job.combine === 'sum' ? values.reduce((sum, [n, neighbours]) => sum + 7 * n + neighbours + 1, 0) : values;
}

/** Joins what two neighbours returned. */
export function joined(job: JobPlan, left: unknown, right: unknown): unknown {
  return job.combine === 'sum' ? (left as number) + (right as number) : [...(left as unknown[]), ...(right as unknown[])];
}

export function fateOf(job: JobPlan, n: number): Fate {
  return job.fates[n] ?? { type: 'good' };
}

/** Whether an item can never be done. */
export function isLost({ type }: Fate): boolean {
  return type === 'bad' || type === 'poison' || type === 'hang' || type === 'given-up';
}

/** Whether an item has an output once it is done. */
function speaks(job: JobPlan, { n }: SimulatedItem): boolean {
  return fateOf(job, n).type !== 'silent';
}

/** What the job's outputs are, in order, when these items are all that live. */
export function expectedOutputs(job: JobPlan, isLiving: (n: number) => boolean): readonly unknown[] {
  const living = job.items.filter(({ n }) => isLiving(n));
  return chunksOf(job).flatMap((chunk) => {
    const alive = chunk.filter(({ n }) => isLiving(n));
    if (job.work === 'chunk') return alive.length > 0 ? [outputOf(job, alive, living)] : [];
    return alive.filter((item) => speaks(job, item)).map((item) => outputOf(job, [item], living));
  });
}

/** The session's result when these items are all that live. */
export function expectedResult(job: JobPlan, isLiving: (n: number) => boolean): unknown {
  const outputs = expectedOutputs(job, isLiving);
  const combined =
    job.combine === 'none'
      ? undefined
      : outputs.reduce((left, right) => joined(job, left, right), outputs.length > 0 ? emptyOf(job) : undefined);
  return job.finalize ? resultOf(outputs, combined) : combined;
}

function emptyOf(job: JobPlan): unknown {
  return job.combine === 'sum' ? 0 : [];
}

/** What `finalize` makes of it all. */
export function resultOf(outputs: readonly unknown[], combined: unknown): unknown {
  return { outputs, combined: combined ?? null };
}
