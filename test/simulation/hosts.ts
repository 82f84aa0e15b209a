import type { Engine } from '../../src/engine/api/api.ts';
import { openEngine } from '../../src/engine/engine.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { storeOfHost } from './host-store.ts';
import { hookOf } from './limits.ts';
import { simulatedExecutor } from './simulated-executor.ts';
import { createSimulatedHost, type SimulatedHost } from './simulated-host.ts';
import { inputOf, simulatedJob } from './simulated-jobs.ts';
import { traceLogger } from './trace-logger.ts';
import type { World } from './world.ts';

/** A host with its engine, once that is open. */
export interface HostAtWork {
  readonly host: SimulatedHost;
  readonly otherChunks: boolean;
  engine: Engine | undefined;
  closing: Promise<void> | undefined;
}

/** What a start was told in the end, if it was told anything. */
export interface Told {
  readonly host: SimulatedHost;
  readonly job: string;
  outcome: Outcome<unknown> | undefined;
  refusal: unknown;
}

/** The hosts of a world: opened, killed, closed and replaced. */
export interface Hosts {
  /** One of those that are not gone. */
  at(index: number): HostAtWork | undefined;
  all(): readonly HostAtWork[];
  open(options?: { otherChunks?: boolean }): void;
  /** Kills a host; another one takes its place after so long. */
  kill(at: HostAtWork, ms: number, seenAtOnce: boolean): void;
  /** Something in a host ends its process; another one takes its place. */
  crash(host: SimulatedHost): void;
  close(at: HostAtWork, ms: number): void;
  startAll(at: HostAtWork): void;
  jumpClock(ms: number): void;
  told(): readonly Told[];
  /** From now on no host is opened any more. */
  stop(): void;
}

export function createHosts(world: World, hostList: SimulatedHost[], jumpClock: (ms: number) => void): Hosts {
  const all: HostAtWork[] = [];
  const told: Told[] = [];
  let stopped = false;
  const isThere = ({ host }: HostAtWork): boolean => host.state === 'up' || host.state === 'frozen';
  const openAgain = async (at: HostAtWork): Promise<void> => {
    while (at.host.state === 'up' && !at.engine) {
      try {
        at.engine = await openEngine(partsOf(world, at));
      } catch (thrown) {
        world.say(at.host.name, () => `could not open: ${(thrown as Error).message}`);
        await at.host.sleep(100);
      }
    }
  };
  const hosts: Hosts = {
    at: (index) => {
      const there = all.filter(isThere);
      return there[index % Math.max(1, there.length)];
    },
    all: () => all,
    open({ otherChunks = false } = {}) {
      if (stopped) return;
      const host = createSimulatedHost(world, `host-${all.length}`);
      const at: HostAtWork = { host, otherChunks, engine: undefined, closing: undefined };
      all.push(at);
      hostList.push(host);
      void openAgain(at);
    },
    kill(at, ms, seenAtOnce) {
      at.host.kill();
      for (const owner of at.host.owners) {
        // The lock that dies with its owner: whoever looks finds it free. A lease that work in place has stretched is not waited for.
        const isSeen = seenAtOnce || world.mirror.leaseLeft(owner) > 2 * world.plan.leaseMs;
        if (isSeen) void world.store.renewOwner(owner, 0).then(() => world.mirror.noteLease(owner, undefined));
      }
      world.time.after(ms, () => hosts.open({ otherChunks: at.otherChunks }));
    },
    crash(host) {
      const at = all.find((one) => one.host === host);
      if (at) hosts.kill(at, world.chance.wait(5_000), world.chance.happens(0.8));
    },
    close(at, ms) {
      if (at.host.state !== 'up' || !at.engine || at.closing) return;
      at.host.troubles++;
      at.closing = closeInOrder(world, at).then(() => void world.time.after(ms, () => hosts.open()));
    },
    startAll(at) {
      if (!at.engine || at.closing || at.otherChunks) return;
      for (const { name } of world.plan.jobs) void start(world, at, name, told);
    },
    jumpClock,
    told: () => told,
    stop: () => {
      stopped = true;
    },
  };
  return hosts;
}

async function start(world: World, { host, engine }: HostAtWork, name: string, told: Told[]): Promise<void> {
  const entry: Told = { host, job: name, outcome: undefined, refusal: undefined };
  told.push(entry);
  try {
    entry.outcome = await engine?.run({ name } as never, inputOf(world.jobOf(name)) as never);
  } catch (thrown) {
    world.say(host.name, () => `its start of ${name} was refused: ${(thrown as Error).message}`);
    entry.refusal = thrown;
  }
}

function partsOf(world: World, { host, otherChunks }: HostAtWork): Parameters<typeof openEngine>[0] {
  return {
    jobs: world.plan.jobs.map((job) => simulatedJob(world, host, job, otherChunks)),
    store: storeOfHost(world, host),
    clock: host.clock,
    logger: traceLogger(world, host.name),
    random: world.chance.fraction,
    leaseMs: world.plan.leaseMs,
    graceMs: 5_000,
    resume: 'auto',
    ...(world.limits.tells && { notify: hookOf(world, host) }),
    executor: 'threads',
    executors: (name, slots) =>
      simulatedExecutor(world, host, name, name === 'inline' ? slots : (world.plan.jobs[0]?.slots ?? 1)),
  };
}

/** Closes an engine as a host would on SIGTERM. What it leaves behind is judged: nothing may move any more. */
export async function closeInOrder(world: World, { host, engine }: HostAtWork): Promise<void> {
  try {
    await engine?.close();
  } catch (thrown) {
    world.say(host.name, () => `its close failed: ${(thrown as Error).message}`);
    // A store that fails at the very end: the owner's lease runs out instead. The process ends all the same.
    host.kill();
    return;
  }
  if (host.state === 'dead') return;
  host.leftWork = host.groups > 0;
  host.state = 'closed';
  if (host.timers() > 0) world.broken('E6', `${host.name} left ${host.timers()} timers behind`);
}
