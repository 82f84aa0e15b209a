import type { Engine } from '../../src/engine/api/api.ts';
import type { Session } from '../../src/engine/api/session.ts';
import type { HostAtWork, Hosts } from './hosts.ts';
import type { Incident } from './plan-faults.ts';
import type { World } from './world.ts';

/** Does to the world what its plan has in store, each behind so many store calls. */
export function createIncidents(world: World, hosts: Hosts): { look(storeCalls: number): void } {
  const left = [...world.plan.faults.incidents];
  return {
    look(storeCalls) {
      for (let next = left[0]; next && next.behind <= storeCalls; next = left[0]) {
        left.shift();
        world.say('world', () => `${next?.type} ${next?.host} ${next?.ms}`);
        happen(world, hosts, next);
      }
    },
  };
}

function happen(world: World, hosts: Hosts, incident: Incident): void {
  const at = hosts.at(incident.host);
  if (at) acts[incident.type](world, hosts, at, incident);
}

type Act = (world: World, hosts: Hosts, at: HostAtWork, incident: Incident) => void;

const acts: Readonly<Record<Incident['type'], Act>> = {
  kill: (_, hosts, at, { ms, seenAtOnce }) => hosts.kill(at, ms, seenAtOnce),
  freeze(world, _, { host }, { ms }) {
    host.freeze();
    world.time.after(ms, host.thaw);
  },
  close: (_, hosts, at, { ms }) => hosts.close(at, ms),
  join: (_, hosts) => hosts.open(),
  'other-chunks': (_, hosts) => hosts.open({ otherChunks: true }),
  'start-again': (_, hosts, at) => hosts.startAll(at),
  resume: (world, _, { engine }) => act(world, engine, async (found) => void (await found.resume())),
  'clock-jump': (_, hosts, __, { ms }) => hosts.jumpClock(ms),
  pause(world, _, at, { ms }) {
    onSessions(world, at.engine, async (session) => {
      await session.pause();
      if (ms >= 50_000) return;
      await at.host.sleep(ms);
      if (!at.closing) await session.unpause();
    });
  },
  cancel: (world, _, { engine }) => onSessions(world, engine, (session) => session.cancel('cancelled by an incident')),
};

/** Asks something of an engine. What it refuses while things go wrong is no failure of the engine. */
function act(world: World, engine: Engine | undefined, ask: (engine: Engine) => Promise<void>): void {
  if (!engine) return;
  ask(engine).catch((thrown: Error) => world.say('world', () => `was refused: ${thrown.message}`));
}

function onSessions(world: World, engine: Engine | undefined, ask: (session: Session<unknown, unknown>) => Promise<void>): void {
  act(world, engine, async (found) => {
    for (const { name, key } of world.plan.jobs) {
      const session = await found.find({ name } as never, { key });
      if (session) await ask(session);
    }
  });
}
