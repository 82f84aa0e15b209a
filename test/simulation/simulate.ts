import { memory } from '../../src/adapters/stores/memory.ts';
import { isEndedSession } from '../../src/model/moves.ts';
import { chanceOf } from './chance.ts';
import { checkEnd } from './checks/end.ts';
import { listenToEvents } from './checks/events.ts';
import { closeInOrder, createHosts, type Hosts } from './hosts.ts';
import { createIncidents } from './incidents.ts';
import { planLimits, untold } from './limits.ts';
import { createMirror } from './mirror.ts';
import { enter } from './own-the-process.ts';
import { type Plan, planWorld } from './plan.ts';
import type { SimulatedHost } from './simulated-host.ts';
import { beginning, createVirtualTime } from './virtual-time.ts';
import { createWitness } from './witness.ts';
import type { Rule, World } from './world.ts';

/** A rule that was broken, and how. */
export interface Violation {
  readonly rule: Rule;
  readonly what: string;
}

/** What became of one seed. */
export interface SeedReport {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly sessions: number;
  readonly events: number;
  readonly executions: number;
  /** The trace, when it was asked for. */
  readonly lines: readonly string[];
}

/** Longer than any lease that a host in trouble may hold: work in place stretches it to an hour. */
const longestMs = 12 * 3_600_000;
const mostEvents = 150_000;

/** Runs one simulated world from its first event to its last, and judges it. The process must be owned. */
export async function simulateSeed(seed: number, options: { trace?: boolean; plan?: Plan } = {}): Promise<SeedReport> {
  const plan = options.plan ?? planWorld(seed, chanceOf(seed));
  const time = createVirtualTime();
  enter({ time, ids: chanceOf(seed + 1_000_000_007) });
  const lines: string[] = [];
  const violations: Violation[] = [];
  const hostList: SimulatedHost[] = [];
  let storeCalls = 0;
  let clockOffset = 0;
  let newestTime = 0;
  let faultsOn = true;
  const storeNow = (): number => {
    newestTime = Math.max(newestTime, Math.floor(time.now() + clockOffset));
    return newestTime;
  };
  const store = memory({ clock: { now: storeNow, after: () => () => undefined } });
  const world: World = {
    plan,
    time,
    chance: chanceOf(seed + 7_777_777),
    store,
    mirror: createMirror(store, storeNow),
    witness: createWitness(),
    limits: planLimits(seed),
    told: new Map(),
    starts: new Map(),
    hosts: hostList,
    faultsOn: () => faultsOn,
    say(who, what) {
      if (options.trace) lines.push(`${(time.now() - beginning).toFixed(2).padStart(10)}  ${who.padEnd(7)} ${what()}`);
    },
    broken(rule, what) {
      if (violations.length < 20) violations.push({ rule, what });
      world.say('RULE', () => `${rule} is broken: ${what}`);
    },
    jobOf: (name) => {
      const job = plan.jobs.find((one) => one.name === name);
      if (!job) throw new Error(`No job is named ${name}.`);
      return job;
    },
    crash: (host) => hosts.crash(host),
    stored() {
      storeCalls++;
      if (!faultsOn) return;
      incidents.look(storeCalls);
      if (storeCalls > plan.faults.endBehind) faultsOn = false;
    },
  };
  const hosts = createHosts(world, hostList, (ms) => {
    clockOffset += ms;
  });
  const incidents = createIncidents(world, hosts);
  const stopListening = [listenForUnhandled(world), listenToEvents(world)];
  try {
    await live(world, hosts, () => {
      faultsOn = false;
    });
    if (violations.length === 0) await checkEnd(world, hosts);
    await end(world, hosts);
  } finally {
    for (const stop of stopListening) stop();
  }
  return {
    seed,
    violations,
    sessions: [...world.mirror.sessions()].length,
    events: time.events(),
    executions: world.witness.executions(),
    lines,
  };
}

/** From the first host to the end of every session: with faults, then without. */
async function live(world: World, hosts: Hosts, endFaults: () => void): Promise<void> {
  const { plan, time } = world;
  for (let index = 0; index < plan.hosts; index++) hosts.open();
  await time.run(() => hosts.all().every(({ engine }) => engine), { events: mostEvents, untilMs: time.now() + 60_000 });
  for (let index = 0; index < plan.starters; index++) {
    const at = hosts.at(index);
    if (at) hosts.startAll(at);
  }
  const areEnded = (): boolean =>
    plan.jobs.every((job) => isEnded(world, job.name)) && heardAll(hosts) && untold(world).length === 0;
  await time.run(areEnded, { events: mostEvents, untilMs: time.now() + 120_000 });
  await startNext(world, hosts, areEnded);
  endFaults();
  heal(world, hosts);
  const why = await time.run(areEnded, { events: mostEvents, untilMs: time.now() + longestMs });
  if (why !== 'done') world.broken('E2', `${whatIsOpen(world, hosts)} (${why})`);
}

/** Once more over the same input, where sessions leave something for the next ones. */
async function startNext({ plan, time }: World, hosts: Hosts, areEnded: () => boolean): Promise<void> {
  const at = hosts.all().find(({ host, engine, closing }) => host.state === 'up' && engine && !closing);
  if (!at || !plan.jobs.some(({ incremental }) => incremental)) return;
  hosts.startAll(at);
  await time.run(areEnded, { events: mostEvents, untilMs: time.now() + 120_000 });
}

/** Everybody goes on, nothing is held, and somebody is there who knows the jobs as they were. */
function heal(world: World, hosts: Hosts): void {
  for (const { host } of hosts.all()) host.thaw();
  hosts.open();
  let healer = hosts.all().at(-1);
  const careFor = async (): Promise<void> => {
    for (const { record } of world.mirror.sessions()) {
      if (record.paused && !isEndedSession(record.state))
        await healer?.engine?.find({ name: record.job } as never, { id: record.id }).then((session) => session?.unpause());
    }
    const missing = world.plan.jobs.some(({ name }) => ![...world.mirror.sessions()].some(({ record }) => record.job === name));
    if (missing && healer) hosts.startAll(healer);
    // Its work may kill it before all are recorded.
    if (missing) world.time.after(10_000, again);
  };
  const again = (): void => {
    if (healer?.host.state !== 'up')
      healer = hosts.all().findLast(({ host, otherChunks }) => host.state === 'up' && !otherChunks);
    if (healer?.engine) void careFor().catch(() => undefined);
    else world.time.after(500, again);
  };
  again();
}

function isEnded(world: World, name: string): boolean {
  const of = [...world.mirror.sessions()].filter(({ record }) => record.job === name);
  return of.length > 0 && of.every(({ record }) => isEndedSession(record.state));
}

/** Whoever started a session, and lives, has been told how it ended. */
function heardAll(hosts: Hosts): boolean {
  return hosts
    .told()
    .every(({ host, outcome, refusal }) => host.state === 'dead' || outcome !== undefined || refusal !== undefined);
}

function whatIsOpen(world: World, hosts: Hosts): string {
  const open = [...world.mirror.sessions()].filter(({ record }) => !isEndedSession(record.state));
  if (open.length === 0 && untold(world).length > 0) return `nobody was told of ${untold(world).join(', ')}`;
  if (open.length === 0) return heardAll(hosts) ? 'no session was ever recorded' : 'a start was never told how its session ended';
  return open
    .map(({ record, batches }) => `${record.job} is ${record.state}: ${batches.map(({ state }) => state).join(' ')}`)
    .join('; ');
}

/** Closes what is left, and waits for what should not come any more. */
async function end(world: World, hosts: Hosts): Promise<void> {
  hosts.stop();
  const areOpen = (): boolean => hosts.all().every(({ host, engine }) => engine || host.state !== 'up');
  await world.time.run(areOpen, { events: mostEvents * 2, untilMs: world.time.now() + 60_000 });
  const closing = hosts
    .all()
    .filter(({ host, closing }) => host.state === 'up' && !closing)
    .map((at) => closeInOrder(world, at));
  void Promise.all(closing);
  const areGone = (): boolean => hosts.all().every(({ host }) => host.state === 'dead' || host.state === 'closed');
  const why = await world.time.run(areGone, { events: mostEvents * 2, untilMs: world.time.now() + 600_000 });
  if (why !== 'done') world.broken('E6', `a host did not close (${why})`);
  await world.time.run(() => false, { events: mostEvents * 2, untilMs: world.time.now() + 200_000 });
}

function listenForUnhandled(world: World): () => void {
  const listener = (thrown: unknown): void =>
    world.broken('unhandled', thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
  process.on('unhandledRejection', listener);
  process.on('uncaughtException', listener);
  return () => {
    process.off('unhandledRejection', listener);
    process.off('uncaughtException', listener);
  };
}
