import { createScheduler, type Feed } from '../src/engine/live/schedule.ts';
import type { SelfMeasured } from './measure.ts';

/** What one variant answers: `peakMb` is how far the live heap grew. */
export type StreamAnswer = SelfMeasured;

interface Chunk {
  readonly number: number;
  readonly first: number;
  readonly items: readonly unknown[];
}

const groupSize = 64;
const lanes = 8;
const heapLooks = 20;

const [type, count] = process.argv.slice(2);
const chunks = Number(count);

let made = 0;

/** The next group of fresh chunks; empty at the end. Both variants take theirs from here. */
function take(limit: number): readonly Chunk[] {
  const group: Chunk[] = [];
  while (group.length < limit && made < chunks) group.push({ number: made, first: made, items: [made++] });
  return group;
}

let seen = 0;
let looked = 0;
let pausedMs = 0;
let pausedCpu = 0;
let peak = 0;
let base = 0;

/** Does nothing with a group, as an executor would: asynchronously. Looks at the heap now and then, on its own time. */
async function execute(group: readonly Chunk[]): Promise<void> {
  seen += group.length;
  if (seen >= ((looked + 1) * chunks) / heapLooks) look();
}

function look(): void {
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  looked++;
  peak = Math.max(peak, liveHeap());
  pausedMs += performance.now() - startedAt;
  pausedCpu += cpuMs(cpu);
}

/** What is still in use after a full collection: garbage that nobody has collected yet says nothing. */
function liveHeap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}

async function plainLanes(): Promise<void> {
  const lane = async (): Promise<void> => {
    for (let group = take(groupSize); group.length > 0; group = take(groupSize)) await execute(group);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function throughScheduler(): Promise<void> {
  const scheduler = createScheduler<Feed<Chunk>, Chunk>(lanes);
  scheduler.add({ priority: 0, groupSize: () => groupSize, take });
  return new Promise((resolve, reject) => {
    let open = 0;
    scheduler.groups$.subscribe({
      next: ({ batches, release }) => {
        open++;
        execute(batches).then(() => {
          open--;
          release();
          if (open === 0 && made === chunks) resolve();
        }, reject);
      },
      error: reject,
    });
  });
}

base = liveHeap();
peak = base;
const cpu = process.cpuUsage();
const startedAt = performance.now();
await (type === 'plain' ? plainLanes() : throughScheduler());
const answer: StreamAnswer = {
  wallMs: performance.now() - startedAt - pausedMs,
  cpuMs: cpuMs(cpu) - pausedCpu,
  peakMb: (peak - base) / 1_048_576,
};
if (seen !== chunks) throw new Error(`${seen} of ${chunks} chunks were executed`);
process.send?.(answer);
