import { getHeapStatistics } from 'node:v8';
import { MessagePort } from 'node:worker_threads';
import { errorInfo } from '../../model/error-info.ts';
import { openGroupPort } from './group-port.ts';
import { type GroupAtWork, tellLastWords } from './last-words.ts';
import { loadWork, shapeOf } from './load-work.ts';
import { openNote } from './note.ts';
import { createResources } from './resources.ts';
import { retireWorn } from './retire-worn.ts';
import type { Unsettled } from './run-group.ts';
import { runSettled } from './run-settled.ts';
import { createWear } from './wear.ts';
import { type GiveUp, type LoadAnswer, type PackedReplies, packReplies, type Request, unpackGroup } from './wire.ts';

// Compiled code that reads typed arrays relies on no ArrayBuffer of its thread ever having been transferred: the first transfer throws all
// of it away, and answers of bytes are transfers. So one comes before any work is compiled.
const none = new ArrayBuffer(0);
structuredClone(none, { transfer: [none] });

// Work that put something else in the place of this would take the worker's voice: its host would wait for ever. It gets a TypeError.
Object.defineProperty(MessagePort.prototype, 'postMessage', { writable: false, configurable: false });

let current: GroupAtWork | undefined;
const resources = createResources();
const wear = createWear(heapBytes);

tellLastWords(() => current);

/** Called by Piscina in each worker: the one door. */
export async function serve(request: Request): Promise<unknown> {
  switch (request.type) {
    case 'run':
      return run(request);
    case 'load':
      return load(request);
    case 'teardown':
      return (await resources.teardown()).map((thrown) => errorInfo(thrown));
    default:
      return request satisfies never;
  }
}

async function run({
  group: packed,
  note,
  port: channel,
  recycle,
}: Extract<Request, { type: 'run' }>): Promise<PackedReplies | undefined> {
  const port = openGroupPort(channel);
  const unsettled: Unsettled = { replies: [] };
  const giveUp = new AbortController();
  channel.on('message', ({ reason }: GiveUp) => giveUp.abort(new Error(reason)));
  current = { port, unsettled };
  // Nothing is abandoned here: the host ends the thread.
  const wait = <T>(promise: PromiseLike<T>): PromiseLike<T> => promise;
  const group = unpackGroup(packed);
  // A message keeps what is one object in two batches one object; a batch that came alone has copies already.
  const sharesItems = group.tasks.length > 1;
  const runtime = { note: openNote(note), signal: giveUp.signal, log: port.log, wait, abandons: false, sharesItems };
  await runSettled(group, runtime, resources, port, unsettled);
  if (wear.isWornOut(group.tasks.length, recycle)) await retireWorn(port, resources);
  const last = port.take();
  // Node remembers a module that could not be imported: only a fresh worker can try again.
  const mustRetire = last.some((reply) => reply.error?.category === 'module');
  const { packed: replies, transfer } = packReplies(last);
  const byPort = mustRetire || transfer.length > 0;
  if (byPort) port.tell({ type: 'replies', replies }, transfer);
  if (mustRetire) port.retire();
  // The host ends a retired worker; an answer through the pool would let it have the next group.
  if (port.retired) return new Promise(() => undefined);
  current = undefined;
  port.close();
  return byPort ? undefined : replies;
}

/** Answers a pre-flight that went well. After one that did not, the host ends this worker: the module is remembered as failed. */
async function load({ source, port }: Extract<Request, { type: 'load' }>): Promise<LoadAnswer> {
  try {
    const answer = { shape: shapeOf(await loadWork(source)) };
    port.close();
    return answer;
  } catch (thrown) {
    port.postMessage({ error: errorInfo(thrown, 'module') } satisfies LoadAnswer);
    return new Promise(() => undefined);
  }
}

/** Of this thread alone, with its buffers: `rss` is that of all threads together. */
function heapBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}
