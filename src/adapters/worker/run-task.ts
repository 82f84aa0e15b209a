import { copyPayload, decode } from '../../model/codec.ts';
import { errorInfo } from '../../model/error-info.ts';
import type { ErrorInfo } from '../../model/errors.ts';
import type { Reply, Task } from '../../model/executor.ts';
import { isInstance } from '../../model/is-instance.ts';
import type { Stream } from '../../model/work.ts';
import type { Counters } from './context.ts';
import { hashItems } from './hash-items.ts';
import { LimitPassedError } from './limits.ts';
import { ownInput } from './own-input.ts';
import { readOneByOne } from './read-slice.ts';
import { runChunk } from './run-chunk.ts';
import { startEach } from './run-each.ts';
import type { Site } from './site.ts';
import { byPlace } from './without-unclonable.ts';

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
    if (!site.sharesItems) return replyOf(task, await run(site, task, seen), seen, performance.now() - startedAt);
    const { task: own, refused } = ownInput(task);
    const ended = refused.length > 0 && own.only?.length === 0 ? nothingRan(seen) : await run(site, own, seen);
    const failures = refused.length > 0 ? byPlace([...ended.failures, ...refused]) : ended.failures;
    return replyOf(task, { ...ended, failures }, seen, performance.now() - startedAt);
  } catch (thrown) {
    const reply = failedReply(task, infoOf(thrown), seen.items, performance.now() - startedAt);
    return seen.hash === undefined ? reply : { ...reply, hash: seen.hash };
  }
}

function run(site: Site, task: Task, seen: Seen): Promise<Ended> {
  return site.work.each ? runItems(site, task, seen) : runWhole(site, task, seen);
}

/** No item of the batch could be given to its work. */
function nothingRan({ items }: Seen): Ended {
  return { items, output: null, failures: [], counters: new Map() };
}

/** Field by field: to spread what has ended into a reply took longer than many a batch. */
function replyOf({ number }: Task, { items, output, places, failures, counters }: Ended, { hash }: Seen, ms: number): Reply {
  const reply: { -readonly [Key in keyof Reply]: Reply[Key] } = { number, items, output, failures, ms };
  if (places) reply.places = places;
  if (hash !== undefined) reply.hash = hash;
  if (counters.size > 0) reply.counters = Object.fromEntries(counters);
  return reply;
}

function infoOf(thrown: unknown): ErrorInfo {
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
