import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../src/testing/random.ts';
import { harm, ready, type Scene } from './chaos.ts';
import { createEnding, type Ending } from './ending.ts';
import type { Fleet, HostProcess } from './fleet.ts';
import { followHistory, type HistoryTail } from './history-tail.ts';
import { takeoversInVain } from './mercy.ts';
import type { HostOrder, SessionPlan } from './plan.ts';
import type { Fault, Variant } from './variants.ts';

/** The hosts of a round, and what is done to them. */
export interface Lives {
  readonly variant: Variant;
  readonly hosts: number;
  readonly plans: readonly SessionPlan[];
  readonly fleet: Fleet;
  readonly order: Omit<HostOrder, 'starts'>;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** How many are harmed at most. */
  readonly faults: number;
}

/** How long it may take to end everything once nobody is harmed any more. Then the checker sees what has not. */
const endWithinMs = 60_000;

/** Keeps so many hosts running, harms them, starts them anew, until every session has ended; then closes them. */
export async function runLives(lives: Lives): Promise<void> {
  const tail = followHistory(lives.order.history);
  const over = createEnding();
  const budget = { left: lives.faults, spentAt: performance.now() };
  const isOver = (): boolean =>
    lives.signal.aborted ||
    lives.plans.every(({ key }) => tail.lines().some((line) => line.type === 'answered' && line.key === key)) ||
    (budget.left <= 0 && performance.now() - budget.spentAt > endWithinMs);
  const watching = (async () => {
    while (!isOver()) await delay(50);
    over.reach();
  })();
  const shared: Shared = { budget, spared: new Set() };
  const slots = Array.from({ length: lives.hosts }, (_, slot) => runSlot(slot, lives, tail, over, shared));
  await Promise.all([watching, ...slots]);
  if (!lives.signal.aborted) await sweepUp(lives, tail);
}

/** What a host left that was killed last is removed by the next one that begins. */
async function sweepUp({ fleet, order }: Lives, tail: HistoryTail): Promise<void> {
  const last = fleet.launch({ ...order, starts: [], onCommand: false });
  await ready(last, { tail, over: createEnding() });
  await close(last, order.graceMs);
}

interface Shared {
  readonly budget: Budget;
  readonly spared: Scene['spared'];
}

interface Budget {
  left: number;
  spentAt: number;
}

/** One host after another in the same place. */
async function runSlot(slot: number, lives: Lives, tail: HistoryTail, over: Ending, shared: Shared): Promise<void> {
  const { budget, spared } = shared;
  const { variant, random, fleet, plans, order } = lives;
  const batchMs = Math.max(...plans.map((plan) => plan.batchMs));
  const scene: Scene = { random, tail, lifeMs: variant.lifeMs, leaseMs: order.leaseMs, batchMs, spared, over };
  const draw = (): Fault => {
    const drawn = budget.left > 0 ? random.pick(variant.faults) : 'none';
    // What dies within can't be held back: it has to be the first to die in vain.
    return drawn === 'within' && takeoversInVain(tail) > 0 ? 'kill' : drawn;
  };
  let onCommand = order.onCommand;
  while (!over.isReached()) {
    const first = draw();
    const starts = slot === 0 || variant.together ? plans : [];
    const host = fleet.launch({ ...order, starts, onCommand }, first === 'within' ? killedWithin(random) : {});
    if (onCommand) await together(host, tail, lives.hosts, over);
    onCommand = false;
    for (let fault = first; host.isAlive() && !over.isReached(); fault = draw()) {
      if (fault !== 'none') spend(budget);
      await harm(host, fault, scene);
      if (fault === 'term' && host.wasAskedToClose()) await closeIn(host, order.graceMs);
      else if (fault !== 'stop') await Promise.race([host.exited, over.reached]);
    }
    await close(host, order.graceMs);
  }
}

/** About six executions a host: each of its two workers counts its own. */
function killedWithin(random: Random): Readonly<Record<string, string>> {
  return { SOAK_KILL_AFTER: `${1 + random.below(6)}` };
}

function spend(budget: Budget): void {
  budget.left--;
  budget.spentAt = performance.now();
}

/** Waits until all are ready, then lets this one start. */
async function together(host: HostProcess, tail: HistoryTail, hosts: number, over: Ending): Promise<void> {
  await ready(host, { tail, over });
  while (!over.isReached() && tail.lines().filter(({ type }) => type === 'ready').length < hosts) await delay(5);
  host.say('go\n');
}

async function close(host: HostProcess, graceMs: number): Promise<void> {
  if (host.send('SIGTERM')) await closeIn(host, graceMs);
}

/** What a host may take beyond its grace time, on a busy machine: it ends by itself, nobody makes it. */
const closeWithinMs = 3_000;

async function closeIn(host: HostProcess, graceMs: number): Promise<void> {
  const waiting = new AbortController();
  const late = delay(graceMs + closeWithinMs, 'late', { signal: waiting.signal }).catch(() => undefined);
  if ((await Promise.race([host.exited, late])) === 'late') {
    host.note({ type: 'trouble', message: `did not end within ${graceMs + closeWithinMs} ms of SIGTERM` });
    host.send('SIGKILL');
  }
  waiting.abort();
  await host.exited;
}
