import { isDeepStrictEqual } from 'node:util';
import { decode } from '../../../src/model/codec.ts';
import { isEndedBatch } from '../../../src/model/moves.ts';
import type { DeadLetter } from '../../../src/model/outcome.ts';
import type { BatchRecord, OutputRecord } from '../../../src/model/records.ts';
import type { SessionImage } from '../mirror.ts';
import type { JobPlan, SimulatedItem } from '../plan.ts';
import { chunksOf, fateOf, isLost, outputOf } from '../truth.ts';
import type { World } from '../world.ts';

/** Holds every batch of an ended session against what its items had to become. Answers the items that are dead. */
export async function checkEndedBatches(world: World, { record, batches }: SessionImage): Promise<ReadonlySet<number>> {
  const job = world.jobOf(record.job);
  const all = { sessionId: record.id, after: 0, limit: 10_000 };
  const letters = await world.store.listDeadLetters(all);
  const outputs = await world.store.listOutputs({ ...all, from: 0, to: batches.length });
  const dead = new Set<number>();
  const chunks = chunksOf(job);
  for (const batch of batches) {
    const items = chunks[batch.number] ?? [];
    const name = `batch ${batch.number} of ${job.name}`;
    if (!isEndedBatch(batch.state)) world.broken('E1', `${name} is ${batch.state} in an ended session`);
    const own = letters.filter(({ number }) => number === batch.number);
    const done = new Set(outputs.filter(({ number }) => number === batch.number).flatMap(({ places }) => places ?? []));
    // Nobody could ever read this slice: it counts as one item.
    const isUnread = batch.hash === null && job.input === 'slices' && own.length === 1 && batch.items === 1;
    const places = isUnread ? new Set(items.keys()) : deadPlaces(world, name, items, { letters: own, done });
    for (const place of places) dead.add((items[place] as SimulatedItem).n);
    checkEach(world, job, { batch, items, dead: places, letters: own, name });
  }
  const near = job.items.filter(({ n }) => !dead.has(n));
  for (const batch of batches) {
    const living = (chunks[batch.number] ?? []).filter(({ n }) => !dead.has(n));
    const own = outputs.filter(({ number }) => number === batch.number);
    // What was to run again for a neighbour's sake may have been cancelled before.
    const isFinal = record.state === 'completed' || job.overlap === 0;
    if (batch.state === 'completed' && isFinal) checkOutput(world, job, { batch, living, near, own });
  }
  return dead;
}

/** Places of a batch's items that letters give up. One letter may stand for all that had not ended. */
function deadPlaces(
  world: World,
  name: string,
  items: readonly SimulatedItem[],
  { letters, done }: { letters: readonly DeadLetter[]; done: ReadonlySet<number> },
): ReadonlySet<number> {
  const places = new Set<number>();
  const bury = (place: number): void => {
    if (places.has(place)) world.broken('E1', `${name} has two dead letters for item ${place}`);
    if (place < 0 || place >= items.length) world.broken('E1', `${name} has a dead letter for place ${place} of ${items.length}`);
    else places.add(place);
  };
  for (const { place, items: count } of letters) if (count === 1) bury(place);
  for (const { place, items: count } of letters) {
    if (count === 1) continue;
    const left = [...items.keys()].filter((other) => other >= place && !places.has(other) && !done.has(other));
    for (const other of left.slice(0, count)) bury(other);
  }
  return places;
}

interface Judged {
  readonly batch: BatchRecord;
  readonly items: readonly SimulatedItem[];
  readonly dead: ReadonlySet<number>;
  readonly letters: readonly DeadLetter[];
  readonly name: string;
}

/** Every item is in the batch's output, a dead letter or cancelled: in one of them. And those are dead that had to die. */
function checkEach(world: World, job: JobPlan, { batch, items, dead, letters, name }: Judged): void {
  const isUnread = dead.size === items.length && batch.items < items.length;
  const ended = isUnread ? items.length : batch.completed + dead.size;
  const isWhole = batch.state === 'cancelled' ? ended <= items.length : ended === items.length;
  if (!isWhole) world.broken('E1', `${name} has ${batch.completed} items completed and ${dead.size} dead, of ${items.length}`);
  const together = diesTogether(world, job, items, letters);
  for (const [place, item] of items.entries()) {
    const fate = fateOf(job, item.n);
    if (dead.has(place) && !isLost(fate) && !together) {
      world.broken('I9', `${name}: item ${item.n} is ${fate.type}, and was given up`);
    }
    if (!dead.has(place) && isLost(fate) && batch.state !== 'cancelled') {
      world.broken('E3', `${name}: item ${item.n} is ${fate.type}, and was not given up`);
    }
  }
}

/** Whether a batch may die as a whole: when nobody is to look for the item, or nobody could look and survive it. */
function diesTogether(world: World, job: JobPlan, items: readonly SimulatedItem[], letters: readonly DeadLetter[]): boolean {
  if (job.place === 'host' && letters.some(({ error }) => error.category === 'host-death')) {
    const deaths = world.hosts.reduce((sum, { troubles }) => sum + troubles, 0);
    return deaths > job.hostDeaths;
  }
  const reach = job.reaches ? job.overlap : 0;
  const [from, to] = [(items[0]?.k ?? 0) - job.size - reach, (items.at(-1)?.k ?? 0) + job.size + reach];
  const inSight = job.items.filter(({ k }) => k >= from && k <= to);
  return job.poison === 'fail' && (reach > 0 ? inSight : items).some(({ n }) => isLost(fateOf(job, n)));
}

interface Ended {
  readonly batch: BatchRecord;
  readonly living: readonly SimulatedItem[];
  readonly near: readonly SimulatedItem[];
  readonly own: readonly OutputRecord[];
}

/** A completed batch has what one execution over its living items returns: no answer is lost, replaced or kept twice. */
function checkOutput(world: World, job: JobPlan, { batch, living, near, own }: Ended): void {
  const speaking = living.filter(({ n }) => fateOf(job, n).type !== 'silent');
  const expected =
    living.length === 0
      ? []
      : job.work === 'each'
        ? speaking.map((item) => outputOf(job, [item], near))
        : [outputOf(job, living, near)];
  const found = job.work === 'each' ? merged(own) : own.map(({ data }) => decode(data));
  if (!isDeepStrictEqual(found, expected)) {
    world.broken('I4', `batch ${batch.number} of ${job.name} has ${JSON.stringify(found)} and not ${JSON.stringify(expected)}`);
  }
}

function merged(outputs: readonly OutputRecord[]): unknown[] {
  return outputs
    .flatMap(({ places, data }) =>
      (decode(data) as unknown[]).map((value, index) => ({ place: places?.[index] ?? index, value })),
    )
    .sort((left, right) => left.place - right.place)
    .map(({ value }) => value);
}
