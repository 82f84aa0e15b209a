import { byCount, byRange } from '../../src/model/chunkers.ts';
import { PermanentError } from '../../src/model/errors.ts';
import type { AnyIncrementalPolicy } from '../../src/model/incremental.ts';
import { type AnyJob, defineJob, type FinalizeContext } from '../../src/model/job.ts';
import { defineWork, workModule } from '../../src/model/work.ts';
import { limitsOf } from './limits.ts';
import type { JobPlan, SimulatedItem } from './plan.ts';
import type { SimulatedHost } from './simulated-host.ts';
import { joined, resultOf } from './truth.ts';
import type { World } from './world.ts';

/** What a session of a job is started with. Its items are read by the source, as from a file. */
export function inputOf(job: JobPlan): unknown {
  return { of: job.name, items: job.items.length };
}

/** A planned job as one host knows it. With `otherChunks` the host cuts it otherwise: an older or newer program. */
export function simulatedJob(world: World, host: SimulatedHost, job: JobPlan, otherChunks = false): AnyJob {
  const each = { each: () => undefined };
  const chunk = { chunk: () => undefined };
  const work =
    job.place === 'host'
      ? defineWork((job.work === 'each' ? each : chunk) as never)
      : workModule(new URL(`file:///${job.name}.work.ts`));
  return defineJob(
    work as never,
    {
      name: job.name,
      key: () => job.key,
      ...cuttingOf(job, otherChunks),
      ...(job.combine !== 'none' && { combine: combineOf(job) }),
      ...(job.finalize && { finalize: (context: FinalizeContext<unknown>) => finalize(world, host, job, context) }),
      retry: { attempts: job.attempts, backoff: { type: 'exponential', base: job.backoffMs, max: 30_000 } },
      partial: job.partial,
      poison: job.poison,
      hostDeaths: job.hostDeaths,
      concurrency: job.slots,
      onDuplicate: job.onDuplicate,
      ...limitsOf(world),
      ...(job.incremental && { incremental: incrementalOf(job) }),
      ...(job.timeoutMs !== undefined && { timeout: job.timeoutMs }),
    } as never,
  ) as AnyJob;
}

function cuttingOf(job: JobPlan, otherChunks: boolean): object {
  if (job.input === 'slices' || job.input === 'whole-slices') return { slices: () => slicesOf(job, job.size) };
  const size = otherChunks ? job.size + 1 : job.size;
  const itemId = ({ n }: SimulatedItem): string => `${n}`;
  return {
    source: () => itemsFrom(job, 0),
    itemId,
    ...(job.readsOn && { sourceAfter: (_: unknown, id: string) => itemsFrom(job, Number(id) + 1) }),
    ...(job.ownTaskIds && { taskId: ({ n }: SimulatedItem) => `own:${job.name}:${n}` }),
    chunk:
      job.input === 'range'
        ? byRange({ key: ({ k }: SimulatedItem) => k, size, overlap: job.overlap })
        : byCount(otherChunks && job.ownTaskIds ? 1 : size),
  };
}

/** A slice is named by where it begins, and what is in it follows from what it says. */
function incrementalOf(job: JobPlan): AnyIncrementalPolicy {
  const part = (slice: unknown) => ({
    range: `${(slice as { first: number }).first}`,
    content: JSON.stringify(slice),
  });
  return { series: () => job.key, ...(job.input !== 'range' && { part }) };
}

function* itemsFrom(job: JobPlan, from: number): Generator<SimulatedItem> {
  for (const item of job.items.slice(from)) {
    if (item.n === job.sourceFails) throw new Error(`the source is broken at ${item.n}`);
    yield item;
  }
}

function* slicesOf(job: JobPlan, size: number): Generator<{ first: number; count: number }> {
  for (let first = 0; first < job.items.length; first += size) {
    if (job.sourceFails !== undefined && first + size > job.sourceFails && job.sourceFails < job.items.length) {
      throw new Error(`the source is broken at ${first}`);
    }
    yield { first, count: Math.min(size, job.items.length - first) };
  }
}

function combineOf(job: JobPlan): (left: unknown, right: unknown) => unknown {
  return (left, right) => {
    if (holdsBroken(job, left) || holdsBroken(job, right)) throw new Error(`combine can't bear item ${job.combineFails}`);
    return joined(job, left, right);
  };
}

function holdsBroken(job: JobPlan, output: unknown): boolean {
  return Array.isArray(output) && output.some(([n]: [number]) => n === job.combineFails);
}

async function finalize(world: World, host: SimulatedHost, job: JobPlan, context: FinalizeContext<unknown>): Promise<unknown> {
  const { finalizeId, combined, outputs, signal } = context;
  const id = finalizeId.slice(0, finalizeId.lastIndexOf('.'));
  const state = [...world.mirror.sessions()].find(({ record }) => record.id === id)?.record.state;
  // A host that stood still, and was overtaken, calls it all the same: at least once is what is promised.
  const isOvertaken = host.troubles > 0 || !world.mirror.isAlive(host.owners.at(-1));
  if (state !== 'finalizing' && !isOvertaken)
    world.broken('I7', `finalize of ${job.name} was called while the session is ${state}`);
  const tries = world.witness.countRun(id as never, 'finalize');
  world.say(host.name, () => `finalizes ${job.name}, try ${tries}`);
  const all: unknown[] = [];
  for await (const output of outputs) all.push(output);
  await host.sleep(world.chance.wait(job.finalizeMs));
  if (signal.aborted) throw new Error('finalize was asked to stop');
  if (tries <= job.finalizeThrows) {
    throw job.finalizeThrows > 3 ? new PermanentError('finalize will never work') : new Error('finalize did not work');
  }
  return resultOf(all, combined);
}
