import crypto from 'node:crypto';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import type { Chance } from './chance.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The world whose time and chance this process has at present. */
interface Owner {
  readonly time: VirtualTime;
  readonly ids: Chance;
}

let owner: Owner | undefined;
let owned = false;

/**
 * Gives the turns of the loop, the monotonic clock, random ids and temp folders of this process to simulated worlds. The engine
 * takes them from Node itself; all else is handed in. So one seed decides everything, and nothing waits for the real machine.
 * The process must do nothing else afterwards.
 */
export function ownTheProcess(): void {
  if (owned) return;
  owned = true;
  const immediate = (act: (...given: unknown[]) => unknown, ...given: unknown[]): object =>
    ownerOf().time.soon(() => act(...given));
  const clear = (turn: object | undefined): void => {
    if (turn) owner?.time.cancelSoon(turn);
  };
  Object.assign(globalThis, { setImmediate: immediate, clearImmediate: clear });
  performance.now = () => (owner ? owner.time.now() - 1_700_000_000_000 : 0);
  Object.assign(crypto, { randomUUID: () => uuidOf(ownerOf().ids) });
  // Nothing in a simulated world makes a folder, so there is none to remove.
  Object.assign(files, { rm: async () => undefined });
  syncBuiltinESMExports();
}

/** From now on the process is this world's. */
export function enter(world: Owner): void {
  owner = world;
}

function ownerOf(): Owner {
  if (!owner) throw new Error('No simulated world has been entered.');
  return owner;
}

function uuidOf(ids: Chance): string {
  const hex = [1, 2, 3, 4]
    .map(() =>
      ids
        .below(2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    )
    .join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}
