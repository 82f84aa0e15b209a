import { copyPayload, decode } from '../../model/codec.ts';
import { errorInfo } from '../../model/error-info.ts';
import type { ErrorInfo } from '../../model/errors.ts';
import type { Reply, Task } from '../../model/executor.ts';
import { isInstance } from '../../model/is-instance.ts';
import type { Stream } from '../../model/work.ts';
import type { Counters } from './context.ts';
import { hashItems } from './hash-items.ts';
import { LimitPassedError } from './limits.ts';
import { ownInput, UnclonableItemsError } from './own-input.ts';
import { readOneByOne } from './read-slice.ts';
import { runChunk } from './run-chunk.ts';
import { startEach } from './run-each.ts';
import type { Site } from './site.ts';

/** What came out of a batch that did not fail as a whole. */
export interface Ended extends Pick<Reply, 'items' | 'output' | 'places' | 'failures'> {
  readonly counters: Counters;
}

/** What is known of a batch's items, also when it fails: how many were read, and the hash of a slice that was read to its end. */
interface Seen {
  items: number;
  hash?: string;
}

const noOverlap = { before: [], after: [] };

/** Runs one batch and answers for every way of ending but the worker's death. Never rejects. */
export async function runTask(site: Site, task: Task): Promise<Reply> {
  const startedAt = performance.now();
  const seen: Seen = { items: task.input.type === 'items' ? task.input.items.length : 0 };
  try {
    const own = site.sharesItems ? { ...task, input: ownInput(task.input) } : task;
    const { counters, ...ended } = await (site.work.each ? runItems(site, own, seen) : runWhole(site, own, seen));
    return {
      number: task.number,
      ...ended,
      ...(seen.hash !== undefined && { hash: seen.hash }),
      ...(counters.size > 0 && { counters: Object.fromEntries(counters) }),
      ms: performance.now() - startedAt,
    };
  } catch (thrown) {
    const reply = failedReply(task, infoOf(thrown), seen.items, performance.now() - startedAt);
    return seen.hash === undefined ? reply : { ...reply, hash: seen.hash };
  }
}

function infoOf(thrown: unknown): ErrorInfo {
  if (isInstance(thrown, UnclonableItemsError)) return thrown.info;
  return errorInfo(thrown, isInstance(thrown, LimitPassedError) ? thrown.passed.category : undefined);
}

/** The answer for a batch that failed as a whole. */
export function failedReply(task: Task, error: ErrorInfo, items = itemsOf(task), ms = 0): Reply {
  return { number: task.number, items, output: null, failures: [], error, ms };
}

function itemsOf({ input }: Task): number {
  return input.type === 'items' ? input.items.length : 0;
}

async function runItems(site: Site, task: Task, seen: Seen): Promise<Ended> {
  const run = startEach(site, task);
  if (task.input.type === 'items') {
    const { items } = task.input;
    const count = task.only?.length ?? items.length;
    for (let index = 0; index < count; index++) {
      const place = task.only ? (task.only[index] as number) : index;
      const late = run.take(items[place], place);
      if (late !== undefined) await late;
      site.signal.throwIfAborted();
    }
    return run.end(items.length);
  }
  const only = task.only && new Set(task.only);
  for await (const item of sliceItems(site, decode(copyPayload(task.input.slice)), seen)) {
    const place = seen.items - 1;
    if (only && !only.has(place)) continue;
    await run.take(item, place);
    site.signal.throwIfAborted();
  }
  return run.end(seen.items);
}

async function runWhole(site: Site, task: Task, seen: Seen): Promise<Ended> {
  if (task.input.type === 'items') {
    const { items, before, after } = task.input;
    return runChunk(site, task, { items, overlap: { before, after }, slice: undefined, count: items.length });
  }
  const slice = decode(copyPayload(task.input.slice));
  if (!site.work.read) {
    seen.items = 1;
    return runChunk(site, task, { items: [], overlap: noOverlap, slice, count: 1 });
  }
  const items: unknown[] = [];
  for await (const item of sliceItems(site, slice, seen)) items.push(item);
  return runChunk(site, task, { items, overlap: noOverlap, slice, count: items.length });
}

/** The items that the work reads out of a slice. A slice that it does not read is one item. */
async function* sliceItems(site: Site, slice: unknown, seen: Seen): AsyncGenerator<unknown> {
  const { settings, signal, log, work } = site;
  const stream: Stream<unknown> = work.read ? work.read(slice, { settings, signal, log }) : [slice];
  const hash = hashItems();
  for await (const item of readOneByOne(stream, site.wait)) {
    seen.items++;
    if (work.read) hash.add(item);
    yield item;
  }
  if (work.read) seen.hash = hash.value();
}
