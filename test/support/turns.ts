import { setImmediate as turn } from 'node:timers/promises';

/** Lets the event loop go round: everything that waits for nothing but its turn gets it. */
export async function turns(count: number): Promise<void> {
  for (let index = 0; index < count; index++) await turn();
}

/** Turns after which something that needs no timer is not going to happen any more. */
const mostTurns = 20_000;

/** Goes round until something is so; rejects, saying what was waited for, when it does not become so. */
export async function until(what: string, isSo: () => unknown): Promise<void> {
  for (let index = 0; index < mostTurns; index++) {
    if (await isSo()) return;
    await turn();
  }
  throw new Error(`After ${mostTurns} turns of the loop it is still not so: ${what}`);
}
