import { decode, encode, hashOf, joinEncoded } from '../../src/model/codec.ts';
import type { Category, ErrorInfo } from '../../src/model/errors.ts';
import type { Group, ItemFailure, Reply, Task } from '../../src/model/executor.ts';
import type { JobPlan, SimulatedItem } from './plan.ts';
import type { SimulatedHost } from './simulated-host.ts';
import { fateOf, outputOf } from './truth.ts';
import type { Execution } from './witness.ts';
import type { World } from './world.ts';

/** How a worker got on with one batch. `died`: nothing of it is left but, maybe, the note of the item in hand. */
export type Ran =
  | { readonly type: 'replied'; readonly reply: Reply; readonly done: readonly number[] }
  | { readonly type: 'died'; readonly category: 'exit' | 'oom' | 'signal' | 'timeout'; readonly place: number | undefined }
  | { readonly type: 'given-up' };

export interface WorkerParts {
  readonly world: World;
  readonly host: SimulatedHost;
  readonly job: JobPlan;
  readonly group: Group;
  /** Whether a worker's death leaves the host alive. */
  readonly isApart: boolean;
  readonly isGivenUp: () => boolean;
}

/** What a batch loads: its core, and what lies around it. */
interface Loaded {
  readonly items: readonly SimulatedItem[];
  /** Those of the overlap. */
  readonly around: readonly SimulatedItem[];
  readonly hash?: string;
}

/** Runs one batch in virtual time, item by item, as the items' fates say. */
export async function runBatch(parts: WorkerParts, task: Task, execution: Execution): Promise<Ran> {
  const { host, job, world } = parts;
  const loaded = load(job, task);
  const places = task.only ?? [...loaded.items.keys()];
  const searched = isSearched(parts, task);
  const startedAt = world.time.now();
  const failures: ItemFailure[] = [];
  const stray = await meetNeighbours(parts, loaded);
  if (stray?.type === 'died' || stray?.type === 'given-up') return stray;
  for (const place of places) {
    const item = loaded.items[place] as SimulatedItem;
    if (!searched) noteRun(parts, execution, item);
    await host.sleep(world.chance.wait(job.itemMs));
    if (parts.isGivenUp()) return { type: 'given-up' };
    const death = (await deathOf(parts, item, place)) ?? chanceDeath(parts, task, place, searched);
    if (death) return death;
    const error = errorOf(parts, execution, item);
    if (error) failures.push({ place, error });
  }
  const ended = { number: task.number, items: loaded.items.length, ...(loaded.hash !== undefined && { hash: loaded.hash }) };
  const ms = world.time.now() - startedAt;
  const reply =
    job.work === 'each' ? eachReply(job, loaded, places, failures) : chunkReply(job, loaded, places, failures, stray?.error);
  const failed = new Set(failures.map(({ place }) => place));
  const done =
    reply.error || searched
      ? []
      : places.filter((place) => !failed.has(place)).map((place) => (loaded.items[place] as SimulatedItem).n);
  return { type: 'replied', reply: { ...ended, ...reply, ms }, done };
}

/** Whether this run only looks for the item that kills its batch. What chance does to it would blame an innocent. */
export function isSearched({ world, group }: Pick<WorkerParts, 'world' | 'group'>, { number }: Task): boolean {
  const isolation = world.mirror.session(group.sessionId)?.batches[number]?.isolation;
  return isolation != null && isolation.phase !== 'rest';
}

type Stray = Exclude<Ran, { type: 'replied' }> | { readonly type: 'thrown'; readonly error: ErrorInfo };

/** What items of the overlap do to a batch that only looks at them. The note of the item in hand says nothing of them, or the wrong thing. */
async function meetNeighbours(parts: WorkerParts, { around, items }: Loaded): Promise<Stray | undefined> {
  const { job, world } = parts;
  if (!job.reaches) return undefined;
  for (const item of around) {
    const fate = fateOf(job, item.n);
    const wrong = world.chance.happens(0.5) && items.length > 0 ? world.chance.below(items.length) : undefined;
    const death = await deathOf(parts, item, wrong);
    if (death) return death;
    if (fate.type === 'bad') return { type: 'thrown', error: thrown(`item ${item.n} nearby is bad`, fate.category) };
  }
  return undefined;
}

function load(job: JobPlan, { input }: Task): Loaded {
  if (input.type === 'items') {
    const items = input.items as readonly SimulatedItem[];
    return { items, around: [...input.before, ...input.after] as readonly SimulatedItem[] };
  }
  const { first, count } = decode(input.slice) as { first: number; count: number };
  const items = job.items.slice(first, first + count);
  return { items, around: [], ...(job.input === 'slices' && { hash: hashOf(JSON.stringify(items)) }) };
}

/** What was done, and told of, is not done again unless something happened to the host that was told. */
function noteRun({ world, group, host, job }: WorkerParts, execution: Execution, { n }: SimulatedItem): void {
  const earlier = world.witness.doneBy(group.sessionId, n);
  // Where an item's death is its neighbours' affair, they run again.
  if (!earlier || (job.overlap > 0 && job.work === 'chunk')) return;
  if (host.troubles > 0 || !world.mirror.isAlive(execution.owner)) return;
  const isExcused =
    earlier.host.state !== 'up' || earlier.host.troubles > earlier.troubles || !world.mirror.isAlive(earlier.owner);
  if (isExcused) return;
  world.broken(
    'I11',
    `item ${n} in batch ${execution.number} ran again on ${host.name}, though ${earlier.host.name} had its answer`,
  );
}

/** What the item itself does to its worker, or to the whole host. */
async function deathOf(
  parts: WorkerParts,
  { n }: SimulatedItem,
  place: number | undefined,
): Promise<Exclude<Ran, { type: 'replied' }> | undefined> {
  const { host, job, world } = parts;
  const fate = fateOf(job, n);
  if (fate.type === 'poison') {
    if (!fate.killsHost || parts.isApart) return { type: 'died', category: fate.category, place };
    world.say(host.name, () => `dies of item ${n}`);
    world.crash(host);
    return new Promise(() => undefined);
  }
  if (fate.type !== 'hang') return undefined;
  await host.sleep(job.timeoutMs ?? 0);
  return parts.isGivenUp() ? { type: 'given-up' } : { type: 'died', category: 'timeout', place };
}

/** A worker dies of nothing that any item did. */
function chanceDeath({ world, job, group }: WorkerParts, task: Task, place: number, searched: boolean): Ran | undefined {
  if (searched || job.place === 'host' || !world.faultsOn() || !world.chance.happens(world.plan.faults.workerDies))
    return undefined;
  const open = group.tasks.slice(group.tasks.indexOf(task));
  if (!open.every(({ number }) => world.witness.mayCharge(job, group.sessionId, number))) return undefined;
  return { type: 'died', category: world.chance.pick(['exit', 'oom', 'signal'] as const), place };
}

function errorOf({ world, job }: WorkerParts, execution: Execution, { n }: SimulatedItem): ErrorInfo | undefined {
  const fate = fateOf(job, n);
  if (fate.type === 'flaky') {
    const runs = world.witness.countRun(execution.sessionId, `item ${n}`);
    return runs <= fate.times ? thrown(`item ${n} is not ready`, 'error') : undefined;
  }
  if (fate.type === 'given-up') return thrown(`item ${n} was given up by its work`, 'error');
  return fate.type === 'bad' ? thrown(`item ${n} is bad`, fate.category) : undefined;
}

function thrown(message: string, category: Category): ErrorInfo {
  return { name: 'Error', message, category };
}

type Told = Pick<Reply, 'output' | 'places' | 'failures' | 'error' | 'counters'>;

function eachReply(job: JobPlan, { items }: Loaded, places: readonly number[], failures: readonly ItemFailure[]): Told {
  const failed = new Set(failures.map(({ place }) => place));
  const good = places.filter((place) => !failed.has(place));
  const speaking = good.filter((place) => fateOf(job, (items[place] as SimulatedItem).n).type !== 'silent');
  const outputs = speaking.map((place) => encode(outputOf(job, [items[place] as SimulatedItem], [])));
  return {
    output: outputs.length > 0 ? joinEncoded(outputs) : null,
    ...(speaking.length < items.length && { places: speaking }),
    failures,
    counters: { done: good.length },
  };
}

/** One failure is the whole chunk's, unless its work gave the item up by itself. */
function chunkReply(
  job: JobPlan,
  { items, around }: Loaded,
  places: readonly number[],
  failures: readonly ItemFailure[],
  stray: ErrorInfo | undefined,
): Told {
  const isGivenUp = (item: SimulatedItem): boolean => fateOf(job, item.n).type === 'given-up';
  const error = failures.find(({ place }) => !isGivenUp(items[place] as SimulatedItem))?.error ?? stray;
  if (error) return { output: null, failures: [], error };
  const living = places.map((place) => items[place] as SimulatedItem).filter((item) => !isGivenUp(item));
  const near = [...living, ...around.filter((item) => !isGivenUp(item))];
  return { output: living.length > 0 ? encode(outputOf(job, living, near)) : null, failures, counters: { done: living.length } };
}
