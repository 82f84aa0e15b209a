import { isDeepStrictEqual } from 'node:util';
import { decode } from '../../../src/model/codec.ts';
import { isEndedSession } from '../../../src/model/moves.ts';
import type { Hosts } from '../hosts.ts';
import type { SessionImage } from '../mirror.ts';
import { expectedResult } from '../truth.ts';
import type { World } from '../world.ts';
import { checkEndedBatches } from './ended-batches.ts';
import { checkNotified } from './limits.ts';
import { checkStatus } from './status.ts';

/** What must hold of a world whose sessions have all ended. */
export async function checkEnd(world: World, hosts: Hosts): Promise<void> {
  for (const image of world.mirror.sessions()) {
    if (!isEndedSession(image.record.state)) continue;
    const dead = await checkEndedBatches(world, image);
    checkStatus(world, image, dead);
    checkResult(world, image, dead);
    checkCounters(world, image);
    checkCached(world, image);
  }
  checkTold(world, hosts);
  checkNotified(world);
}

/** The recorded result is what one sequential run over the living items gives. */
function checkResult(world: World, { record }: SessionImage, dead: ReadonlySet<number>): void {
  if (record.state !== 'completed') return;
  const job = world.jobOf(record.job);
  const expected = expectedResult(job, (n) => !dead.has(n));
  const result = record.result === null ? undefined : decode(record.result);
  if (!isDeepStrictEqual(result, expected)) {
    world.broken('E4', `${job.name} has the result ${JSON.stringify(result)} and not ${JSON.stringify(expected)}`);
  }
}

/** What the work counts is counted once for each item that was done, however often it was tried. */
function checkCounters(world: World, { record, batches }: SessionImage): void {
  // A batch that was to run again for a neighbour's sake, and was cancelled with its session, has lost its output and what was counted with it.
  if (record.state !== 'completed' && [...batches.values()].some(({ state }) => state === 'cancelled')) return;
  const counted = record.counters.done ?? 0;
  const { completed } = record.counts.items;
  if (counted !== completed) world.broken('E5', `${record.job} counted ${counted} items done, and completed ${completed}`);
}

/** What was completed was run; or it came out of the cache, and is counted so. */
function checkCached(world: World, { record, batches }: SessionImage): void {
  const unrun = batches.filter(({ state, number }) => state === 'completed' && !world.witness.hasRun(record.id, number));
  const cached = record.counts.batches.cached ?? 0;
  if (unrun.length > cached) {
    world.broken('I4', `${record.job} completed ${unrun.length} batches that nobody ran, and counts ${cached} of the cache`);
  }
}

/** Whoever waited for a session was told what the store has. */
function checkTold(world: World, hosts: Hosts): void {
  const images = [...world.mirror.sessions()];
  for (const { host, job, outcome } of hosts.told()) {
    if (!outcome) continue;
    const record = images.find(({ record: { id } }) => id === outcome.sessionId)?.record;
    const result = record?.result == null || record.state !== 'completed' ? undefined : decode(record.result);
    if (outcome.status !== record?.state || !isDeepStrictEqual(outcome.result, result)) {
      world.broken('E5', `${host.name} was told that ${job} is ${outcome.status}; the store has it as ${record?.state}`);
    }
  }
}
