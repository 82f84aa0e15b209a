import type { OwnerId, SessionId } from '../../../src/model/ids.ts';
import type { OwnerRecord, SessionRecord } from '../../../src/model/records.ts';
import type { Commit, CommitAnswer, SessionMoved, SessionWrite } from '../../../src/model/store.ts';
import type { SimulatedHost } from '../simulated-host.ts';
import type { World } from '../world.ts';
import { checkBatches } from './batches.ts';
import { checkCommit } from './commits.ts';
import { checkLimits } from './limits.ts';
import { checkMove, checkSession } from './sessions.ts';

/** A call that reached the store, and what it answered. */
export interface Done {
  readonly name: string;
  readonly given: readonly unknown[];
  readonly answer: unknown;
}

/** Calls that change nothing. */
const reads: ReadonlySet<string> = new Set([
  'getSession',
  'findSession',
  'listSessions',
  'listBatches',
  'listOutputs',
  'listAttempts',
  'listDeadLetters',
  'groupFailures',
  'query',
  'findCached',
  'now',
]);

/** Looks at the store after a call, and holds what it sees against what was there before. */
export async function observe(world: World, host: SimulatedHost, done: Done): Promise<void> {
  if (reads.has(done.name)) return;
  noteOwner(world, host, done);
  checkLeases(world);
  world.say(host.name, () => tellOf(done));
  for (const id of touchedBy(world, done)) {
    const { before, after } = await world.mirror.look(id);
    if (!after) continue;
    checkSession(world, before, after);
    checkLimits(world, before, after);
    checkBatches(world, before, after);
    if (done.name === 'moveSession') checkMove(world, done.given[0] as SessionWrite, done.answer as SessionMoved, before, after);
    if (done.name === 'commit') checkCommit(world, done.given[0] as Commit, done.answer as CommitAnswer, before, after);
  }
}

function noteOwner(world: World, host: SimulatedHost, { name, given, answer }: Done): void {
  const { mirror } = world;
  const owner = given[0] as OwnerId;
  if (name === 'registerOwner') {
    if (host.owners.at(-1) !== owner) host.owners.push(owner);
    mirror.noteLease(owner, (answer as OwnerRecord).leaseExpiresAt);
  }
  if (name === 'renewOwner' && answer && mirror.hasLapsed(owner))
    world.broken('lease', `a lease of ${host.name} was renewed after it ran out`);
  if (name === 'renewOwner' && answer) mirror.noteLease(owner, (answer as OwnerRecord).leaseExpiresAt);
  if (name === 'removeOwner') mirror.noteLease(owner, undefined);
}

/** A host to which nothing happened, with a store that always answers, keeps its lease. */
function checkLeases({ hosts, mirror, plan: { faults }, broken }: World): void {
  if (faults.storeFailsBefore + faults.storeFailsAfter + faults.storeIsSlow > 0) return;
  if (faults.incidents.some(({ type }) => type === 'clock-jump')) return;
  for (const { name, state, troubles, owners } of hosts) {
    if (state === 'up' && troubles === 0 && mirror.hasLapsed(owners.at(-1)))
      broken('lease', `${name} lost its lease though nothing happened to it`);
  }
}

function touchedBy({ mirror }: World, { name, given, answer }: Done): readonly SessionId[] {
  switch (name) {
    case 'commit':
      return (given[0] as Commit).sessions.map(({ sessionId }) => sessionId);
    case 'moveSession':
      return [(given[0] as SessionWrite).id];
    case 'createSession':
      return [(answer as { session: SessionRecord }).session.id];
    case 'rescue':
    case 'prune':
      return [...mirror.sessions()].map(({ record }) => record.id);
    case 'requestSession':
    case 'countFinalizeTry':
    case 'adoptSession':
    case 'leaveSession':
      return [given[0] as SessionId];
    default:
      return [];
  }
}

function tellOf({ name, given, answer }: Done): string {
  const short = (value: unknown): string =>
    JSON.stringify(value, (key, inner) => (key === 'stack' || key === 'counts' ? undefined : inner))?.slice(0, 700) ?? 'nothing';
  return `${name} ${given.map(short).join(' ')} -> ${short(answer)}`;
}
