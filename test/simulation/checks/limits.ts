import { isEndedSession } from '../../../src/model/moves.ts';
import type { SessionImage } from '../mirror.ts';
import type { World } from '../world.ts';

/** At no moment do more sessions sit than there are seats, nor do more batches start within a window than the rate allows. */
export function checkLimits(world: World, before: SessionImage | undefined, after: SessionImage): void {
  if (world.limits.tells) checkSeats(world);
  if (world.limits.rate) checkRate(world, before, after);
}

function checkSeats({ mirror, broken }: World): void {
  const sitting = [...mirror.sessions()].filter(({ record: { state } }) => state !== 'pending' && !isEndedSession(state));
  if (sitting.length > 1) broken('seats', `${sitting.map(({ record }) => record.job).join(' and ')} run at once`);
}

function checkRate({ limits: { rate }, starts, broken }: World, before: SessionImage | undefined, after: SessionImage): void {
  const { job } = after.record;
  const all = starts.get(job) ?? [];
  starts.set(job, all);
  for (const { state, token, claimedAt, number } of after.batches) {
    if (state === 'running' && claimedAt !== null && token !== before?.batches[number]?.token) all.push(claimedAt);
  }
  const newest = all.at(-1);
  if (!rate || newest === undefined) return;
  const within = all.filter((at) => at > newest - rate.perMs).length;
  if (within > rate.limit) broken('rate', `${within} batches of ${job} started within ${rate.perMs} ms`);
}

/** What was told is what became of the sessions, and nothing else. */
export function checkNotified({ mirror, told, broken }: World): void {
  const images = [...mirror.sessions()];
  for (const notification of told.values()) {
    if (notification.type === 'alert') continue;
    const { id, sessionId, generation, type } = notification;
    const record = images.find((one) => one.record.id === sessionId)?.record;
    const isTrue = record?.generation === generation && type === `session.${record.state}` && id === `${sessionId}.${generation}`;
    if (!isTrue) broken('told', `${id} says ${type}; the store has ${record?.state} of generation ${record?.generation}`);
  }
}
