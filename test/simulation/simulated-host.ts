import type { Clock } from '../../src/model/clock.ts';
import type { OwnerId } from '../../src/model/ids.ts';
import type { World } from './world.ts';

/** A host process as the world sees it: what lives, stands still, and dies together. */
export interface SimulatedHost {
  readonly name: string;
  /** `closed`: its engine was closed in order, and nothing of it may move any more. */
  state: 'up' | 'frozen' | 'dead' | 'closed';
  /** How often it was frozen, killed or closed: what happened before is excused after. */
  troubles: number;
  /** Groups that its workers have. */
  groups: number;
  /** It was closed while work in it went on: what comes of that finds the store closed. */
  leftWork: boolean;
  /** Owner ids that it registered, the newest last. */
  readonly owners: OwnerId[];
  /** Its own clock: off by a fixed amount from everyone else's. */
  readonly clock: Clock;
  /** Timers that wait, background ones included. */
  timers(): number;
  /** Something happens in this host after so long: never when it is dead by then, later when it stands still. */
  after(ms: number, act: () => unknown): () => void;
  sleep(ms: number): Promise<void>;
  freeze(): void;
  thaw(): void;
  kill(): void;
  /** Called when the host dies. */
  readonly onDeath: Set<() => void>;
}

export function createSimulatedHost(world: World, name: string): SimulatedHost {
  const { time } = world;
  const skew = world.chance.pick([0, 0, 1, -3_000, 7_200_000]);
  let heldBack: (() => unknown)[] = [];
  let timers = 0;
  const happen = (act: () => unknown): void => {
    if (host.state === 'dead') return;
    if (host.state === 'frozen') heldBack.push(act);
    else act();
  };
  const host: SimulatedHost = {
    name,
    state: 'up',
    troubles: 0,
    groups: 0,
    leftWork: false,
    owners: [],
    onDeath: new Set(),
    clock: {
      now: () => Math.floor(time.now() + skew),
      after(ms, callback) {
        let isOver = false;
        const end = (): void => {
          if (!isOver) timers--;
          isOver = true;
        };
        timers++;
        const cancel = time.after(ms, () =>
          happen(() => {
            if (isOver) return;
            end();
            callback();
          }),
        );
        return () => {
          end();
          cancel();
        };
      },
    },
    timers: () => timers,
    after: (ms, act) => time.after(ms, () => happen(act)),
    sleep: (ms) => new Promise((resolve) => void time.after(ms, () => happen(resolve))),
    freeze() {
      if (host.state !== 'up') return;
      host.state = 'frozen';
      host.troubles++;
      world.say(name, () => 'stands still');
    },
    thaw() {
      if (host.state !== 'frozen') return;
      host.state = 'up';
      world.say(name, () => `goes on with ${heldBack.length} events held back`);
      // One after another, as a loop would take them: promises go on in between.
      for (const act of heldBack) time.after(0, () => happen(act));
      heldBack = [];
    },
    kill() {
      if (host.state === 'dead' || host.state === 'closed') return;
      host.state = 'dead';
      host.troubles++;
      heldBack = [];
      world.say(name, () => 'is killed');
      for (const act of host.onDeath) act();
    },
  };
  return host;
}
