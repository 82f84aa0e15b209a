import { setTimeout as delay } from 'node:timers/promises';

/** Works for some time: waiting, or spinning without letting go of the thread, with a sign of life every few milliseconds. */
export async function work(ms: number, spins: boolean, onTick: () => void): Promise<void> {
  if (!spins) {
    if (ms >= 1) await delay(ms);
    else spin(ms, () => undefined);
  } else spin(ms, onTick);
}

const tickEveryMs = 5;

function spin(ms: number, onTick: () => void): void {
  const start = performance.now();
  let ticked = start;
  for (let now = start; now - start < ms; now = performance.now()) {
    if (now - ticked < tickEveryMs) continue;
    ticked = now;
    onTick();
  }
}

/** Even numbers from 0 to 1 that depend on nothing but what they are made of. */
export function share(seed: number, place: number): number {
  let mixed = Math.imul(seed ^ 0x9e3779b1, 0x85ebca6b) ^ Math.imul(place + 1, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x27d4eb2f);
  return ((mixed ^ (mixed >>> 13)) >>> 0) / 2 ** 32;
}
