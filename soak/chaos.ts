import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../src/testing/random.ts';
import type { Ending } from './ending.ts';
import type { HostProcess } from './fleet.ts';
import type { Line } from './history.ts';
import type { HistoryTail } from './history-tail.ts';
import { takeoversInVain } from './mercy.ts';
import type { Fault } from './variants.ts';

/** What a fault needs to know. */
export interface Scene {
  readonly random: Random;
  readonly tail: HistoryTail;
  readonly lifeMs: number;
  readonly leaseMs: number;
  readonly batchMs: number;
  /** Hosts that are suspended, and for whose sake the others are left alone. */
  readonly spared: Set<HostProcess>;
  /** Then nothing more is done to anybody. */
  readonly over: Ending;
}

/** Does something to a host at a random moment of its life, and returns when that is done: the host may be dead then. */
export async function harm(host: HostProcess, fault: Fault, scene: Scene): Promise<void> {
  const { random, lifeMs } = scene;
  if (fault === 'none' || fault === 'within') return;
  if (fault === 'early') {
    await wait(random.below(300), host, scene);
    await untilAllowed(host, scene);
    host.send('SIGKILL');
    return;
  }
  await ready(host, scene);
  await wait(random.below(lifeMs), host, scene);
  await untilAllowed(host, scene);
  if (scene.over.isReached()) return;
  switch (fault) {
    case 'kill':
      host.send('SIGKILL');
      return;
    case 'term':
      host.send('SIGTERM');
      return;
    case 'term-kill':
      host.send('SIGTERM');
      await wait(random.below(120), host, scene);
      host.send('SIGKILL');
      return;
    case 'stop':
      await suspend(host, scene);
      return;
    default:
      return fault satisfies never;
  }
}

/** Longer than its lease; and, if another host does its work meanwhile, until that is at it: the answers of both then meet. */
async function suspend(host: HostProcess, scene: Scene): Promise<void> {
  const { random, leaseMs, batchMs, tail } = scene;
  for (let waited = 0; waited < 500 && begunBy(host.pid, tail.lines()).size === 0; waited += 10) await delay(10);
  await untilAllowed(host, scene);
  if (scene.over.isReached() || !host.send('SIGSTOP')) return;
  // Mostly the others are spared meanwhile, so that one of them takes over.
  const spares = random.below(4) > 0;
  if (spares) scene.spared.add(host);
  const stoppedAt = tail.lines().length;
  const inHand = begunBy(host.pid, tail.lines());
  for (let waited = 0; waited < leaseMs * 5 && !scene.over.isReached(); waited += 10) {
    await delay(10);
    const again = tail.lines().slice(stoppedAt);
    if (again.some((line) => line.type === 'begin' && inHand.has(`${line.session}/${line.batch}`))) break;
    if (inHand.size === 0 && waited > leaseMs * 1.3) break;
  }
  await delay(random.below(Math.ceil(batchMs / 2)));
  host.send('SIGCONT');
  scene.spared.delete(host);
}

/** While another death could make a session fail for having killed its hosts, or a suspended host has to be taken over, nobody dies. */
async function untilAllowed(host: HostProcess, { tail, over, spared }: Scene): Promise<void> {
  while ((takeoversInVain(tail) > 1 || spared.size > 0) && host.isAlive() && !over.isReached()) await delay(10);
}

/** Batches that a host has begun and not ended. */
function begunBy(host: number, lines: readonly Line[]): ReadonlySet<string> {
  const open = new Set<string>();
  for (const line of lines) {
    if (line.host !== host) continue;
    if (line.type === 'begin') open.add(`${line.session}/${line.batch}`);
    if (line.type === 'end') open.delete(`${line.session}/${line.batch}`);
  }
  return open;
}

/** Resolves when a host has said that it is ready, has ended, or everything is over. */
export async function ready(host: HostProcess, { tail, over }: Pick<Scene, 'tail' | 'over'>): Promise<void> {
  while (host.isAlive() && !over.isReached()) {
    if (tail.lines().some((line) => line.type === 'ready' && line.pid === host.pid)) return;
    await delay(10);
  }
}

async function wait(ms: number, host: HostProcess, { over }: Scene): Promise<void> {
  await Promise.race([delay(ms), host.exited, over.reached]);
}
