import { MillraceError } from '../../src/model/errors.ts';
import type { Commit, CommitAnswer, Store } from '../../src/model/store.ts';
import { observe } from './checks/observe.ts';
import { hasLateClaims, isTaken, lateClaims } from './late-claims.ts';
import type { SimulatedHost } from './simulated-host.ts';
import type { World } from './world.ts';

type Method = Exclude<keyof Store, 'name' | 'supports' | 'operations'>;

/** What is only this host's own affair. */
const local: ReadonlySet<string> = new Set(['name', 'supports', 'operations', 'open', 'close']);

/** Calls that only an engine at work makes. */
const ofTheEngine: ReadonlySet<string> = new Set(['commit', 'moveSession', 'renewOwner', 'registerOwner', 'countFinalizeTry']);

/**
 * The one store as one host reaches it: calls take their time, fail before or after they are done, and get lost with the host.
 * A host that stands still while a call of it is on its way makes that call when it goes on: too late, if others went on meanwhile.
 */
export function storeOfHost(world: World, host: SimulatedHost): Store {
  const methods = Object.keys(world.store).filter((name) => !local.has(name)) as Method[];
  const reached = methods.map((name) => [name, (...given: unknown[]) => call(world, host, name, given)] as const);
  return {
    ...world.store,
    name: 'simulated',
    supports: { durable: true, shared: true },
    ...(Object.fromEntries(reached) as unknown as Pick<Store, Exclude<Method, 'open' | 'close'>>),
    open: async () => undefined,
    close: async () => undefined,
  };
}

function call(world: World, host: SimulatedHost, name: Method, given: unknown[]): Promise<unknown> {
  if (host.state === 'dead') return new Promise(() => undefined);
  if (host.state === 'closed') {
    // A start or a handle may just have asked: its store says that it is closed. What the engine does by itself has ended.
    if (ofTheEngine.has(name) && world.plan.faults.storeIsSlow === 0 && !host.leftWork)
      world.broken('E6', `${host.name} called ${name} after it was closed`);
    return Promise.reject(new MillraceError('STORE_FAILED', 'The store is closed.'));
  }
  const { chance, plan } = world;
  const { storeFailsBefore, storeFailsAfter, storeIsSlow, storeMs } = plan.faults;
  const on = world.faultsOn();
  const slow = on && chance.happens(storeIsSlow) ? chance.wait(40_000) : 0;
  if (on && isDecision(name, given) && chance.happens(plan.faults.decisionIsLate)) {
    host.freeze();
    world.time.after(chance.between(3_500, 12_000), host.thaw);
  }
  return new Promise((resolve, reject) => {
    // Both ways, since either may be cut off.
    const arrive = async (): Promise<void> => {
      if (on && chance.happens(storeFailsBefore)) return refuse('database is locked');
      const answer = await applied(world, host, name, given);
      // The host may be killed at this very moment: it never hears of what was done.
      world.stored();
      if (on && chance.happens(storeFailsAfter)) return refuse('connection lost');
      host.after(chance.wait(storeMs), () => ('thrown' in answer ? reject(answer.thrown) : resolve(answer.value)));
    };
    const refuse = (message: string): void => {
      world.say(host.name, () => `hears of its ${name}: ${message}`);
      host.after(chance.wait(storeMs), () => reject(new Error(message)));
    };
    if (host.state === 'frozen') host.after(0, arrive);
    else host.after(slow + chance.wait(storeMs), arrive);
  });
}

/** What only the coordinator of a session may write. */
function isDecision(name: Method, [given]: unknown[]): boolean {
  if (name !== 'commit') return false;
  return (given as Commit).sessions.some(({ writes }) => writes?.some(({ from }) => from !== 'running'));
}

type Applied = { readonly value: unknown } | { readonly thrown: unknown };

async function applied(world: World, host: SimulatedHost, name: Method, given: unknown[]): Promise<Applied> {
  const method = world.store[name] as (...given: unknown[]) => Promise<unknown>;
  try {
    const value = await method.apply(world.store, given);
    await observe(world, host, { name, given, answer: value } as Parameters<typeof observe>[2]);
    if (name === 'commit' && hasLateClaims(world)) comeLate(world, host, given[0] as Commit, value as CommitAnswer);
    return { value };
  } catch (thrown) {
    return { thrown };
  }
}

function comeLate(world: World, host: SimulatedHost, commit: Commit, answer: CommitAnswer): void {
  for (const late of lateClaims(world, commit, answer)) {
    world.time.after(1, () => (isTaken(world, late) ? applied(world, host, 'commit', [late]) : undefined));
  }
}
