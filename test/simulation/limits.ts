import { isDeepStrictEqual } from 'node:util';
import type { Notify } from '../../src/engine/notify/notify-options.ts';
import { isEndedSession } from '../../src/model/moves.ts';
import type { SimulatedHost } from './simulated-host.ts';
import type { World } from './world.ts';

/** What a world has of rates, seats and notifications. By its seed alone, so that all other worlds stay what they were. */
export interface LimitPlan {
  /** Hosts are told how sessions end, and sessions of all jobs run one at a time. */
  readonly tells: boolean;
  /** How many batches of a job may start within a time. */
  readonly rate: { readonly limit: number; readonly perMs: number } | undefined;
}

export function planLimits(seed: number): LimitPlan {
  const kind = seed % 13;
  const size = Math.floor(seed / 13) % 4;
  return {
    tells: kind === 10,
    rate: kind === 12 ? { limit: 1 + size, perMs: [50, 500, 1_000, 3_000][size] ?? 50 } : undefined,
  };
}

/** What a job of this world is bounded by. */
export function limitsOf({ limits: { tells, rate } }: World): object {
  return {
    ...(tells && { seats: { key: () => 'all', group: 'world' } }),
    ...(rate && { rate: { limit: rate.limit, per: rate.perMs } }),
  };
}

/** Is told, or does not listen, by chance; and takes its time. What it was told before must be told as it was. */
export function hookOf(world: World, host: SimulatedHost): Notify {
  return async (notification, { tries }) => {
    world.say(host.name, () => `is told of ${notification.id}, try ${tries}`);
    await host.sleep(world.chance.wait(200));
    if (world.faultsOn() && world.chance.happens(0.2)) throw new Error('nobody listens');
    const before = world.told.get(notification.id);
    if (before && !isDeepStrictEqual(before, notification)) world.broken('told', `${notification.id} was told in two ways`);
    world.told.set(notification.id, notification);
  };
}

/** Endings that nobody was told of yet. */
export function untold({ limits, mirror, told }: World): readonly string[] {
  if (!limits.tells) return [];
  const ended = [...mirror.sessions()].filter(({ record }) => isEndedSession(record.state));
  return ended.map(({ record }) => `${record.id}.${record.generation}`).filter((id) => !told.has(id));
}
