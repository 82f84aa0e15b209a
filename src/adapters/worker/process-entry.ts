import { Socket } from 'node:net';
import { errorInfo } from '../../model/error-info.ts';
import { announceLock, childLock, lockPath } from '../host-folder/lock-path.ts';
import { openFileNote } from './file-note.ts';
import { createFrameReader } from './frames.ts';
import { type Outlet, openGroupPort } from './group-port.ts';
import { openHostLine } from './host-line.ts';
import { watchHost } from './host-watch.ts';
import { type GroupAtWork, tellLastWords } from './last-words.ts';
import { loadWork, shapeOf } from './load-work.ts';
import { type ChildRequest, childFiles } from './process-wire.ts';
import { createResources } from './resources.ts';
import { retireWorn } from './retire-worn.ts';
import type { Unsettled } from './run-group.ts';
import { runSettled } from './run-settled.ts';
import { createWear } from './wear.ts';
import { packReplies, unpackGroup } from './wire.ts';

interface Current extends GroupAtWork {
  readonly giveUp: AbortController;
}

let current: Current | undefined;
const resources = createResources();
const wear = createWear(() => process.memoryUsage.rss());
const host = openHostLine(childFiles.tellings);

// Signals to every process of a terminal or a service reach children, too. They are for the host: it ends its children.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

tellLastWords(() => current);

async function serve(request: ChildRequest): Promise<void> {
  switch (request.type) {
    case 'run':
      return run(request);
    case 'load':
      return load(request);
    case 'teardown': {
      const errors = (await resources.teardown()).map((thrown) => errorInfo(thrown));
      return host.tell(request.ticket, { type: 'torn-down', errors });
    }
    case 'give-up':
      return current?.giveUp.abort(new Error(request.reason));
    default:
      return request satisfies never;
  }
}

async function run({ ticket, group: packed, recycle }: Extract<ChildRequest, { type: 'run' }>): Promise<void> {
  const port = openGroupPort(outletOf(ticket));
  const unsettled: Unsettled = { replies: [] };
  const giveUp = new AbortController();
  current = { port, unsettled, giveUp };
  const group = unpackGroup(packed);
  const runtime = {
    note: openFileNote(childFiles.note, group.limits),
    signal: giveUp.signal,
    log: port.log,
    // Nothing is abandoned here: the host ends the process.
    wait: <T>(promise: PromiseLike<T>): PromiseLike<T> => promise,
    abandons: false,
    // A message keeps what is one object in two batches one object; a batch that came alone has copies already.
    sharesItems: group.tasks.length > 1,
  };
  await runSettled(group, runtime, resources, port, unsettled);
  if (wear.isWornOut(group.tasks.length, recycle)) await retireWorn(port, resources);
  const last = port.take();
  if (last.length > 0) port.tell({ type: 'replies', replies: packReplies(last).packed });
  // Node remembers a module that could not be imported: only a fresh worker can try again.
  if (last.some((reply) => reply.error?.category === 'module')) port.retire();
  // A retired worker stays silent, and still at work: what fails in it now is its group's doing.
  if (port.retired) return;
  current = undefined;
  port.close();
  host.tell(ticket, { type: 'ended' });
}

/** What a group tells after its end reaches nobody. */
function outletOf(ticket: string): Outlet {
  let isOpen = true;
  return {
    postMessage(telling) {
      if (isOpen) host.tell(ticket, telling);
    },
    close() {
      isOpen = false;
    },
  };
}

async function load({ ticket, source }: Extract<ChildRequest, { type: 'load' }>): Promise<void> {
  try {
    host.tell(ticket, { type: 'loaded', shape: shapeOf(await loadWork(source)) });
  } catch (thrown) {
    host.tell(ticket, { type: 'loaded', error: errorInfo(thrown, 'module') });
  }
}

function ownLock(hostFolder: string): string {
  const name = childLock(process.pid);
  announceLock(hostFolder, name);
  return lockPath(hostFolder, name);
}

// What Node needed to start is none of the work's business.
delete process.env.NODE_OPTIONS;
const { 2: folder = '' } = process.argv;
await watchHost(childFiles.hostAlive, folder === '' ? '' : ownLock(folder));
const readRequests = createFrameReader({
  onValue: (request) => void serve(request as ChildRequest),
  // Only our own host writes here. What it wrote can't be read: nothing can be done for it any more.
  onGarbled: () => process.exit(1),
  onBroken: () => process.exit(1),
});
new Socket({ fd: childFiles.requests, writable: false }).on('data', readRequests);
host.tell('', { type: 'ready' });
