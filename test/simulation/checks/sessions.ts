import { type BatchState, isEndedBatch, isEndedSession } from '../../../src/model/moves.ts';
import type { SessionMoved, SessionWrite } from '../../../src/model/store.ts';
import type { SessionImage } from '../mirror.ts';
import type { World } from '../world.ts';

/** What must hold of a session after every event. */
export function checkSession(world: World, before: SessionImage | undefined, after: SessionImage): void {
  checkCounts(world, after);
  checkKeys(world, after);
  if (!before) return;
  const [was, is] = [before.record, after.record];
  const name = is.job;
  if (is.epoch < was.epoch) world.broken('I12', `${name}: the epoch went down`);
  if (is.coordinator !== was.coordinator && is.coordinator !== null && is.epoch === was.epoch) {
    world.broken('I12', `${name} has another coordinator under the same epoch`);
  }
  if (is.epoch > was.epoch && world.mirror.isAlive(was.coordinator)) {
    world.broken('I12', `${name} was taken from a coordinator whose lease holds`);
  }
  if (isEndedSession(was.state) && was.state !== is.state && is.generation === was.generation) {
    world.broken('I7', `${name} left ${was.state} for ${is.state}`);
  }
  if (is.generation === was.generation) {
    for (const count of ['completed', 'failed'] as const) {
      // What had seen an item that died since is done again.
      const mayGoDown = count === 'completed' && world.jobOf(name).input === 'range' && is.counts.items.failed > 0;
      if (!mayGoDown && is.counts.items[count] < was.counts.items[count]) world.broken('I6', `${name}: ${count} items went down`);
    }
    if (isEndedSession(was.state) && JSON.stringify(was.result) !== JSON.stringify(is.result)) {
      world.broken('I7', `${name}: the result was replaced`);
    }
  }
  if (is.position.chunks < was.position.chunks || (was.position.ended && !is.position.ended)) {
    world.broken('I6', `${name}: the position went back`);
  }
  if (is.eventNumber < was.eventNumber) world.broken('events', `${name}: event numbers went down`);
  checkHeld(world, before, after);
}

/** Counts are sums over batches, whoever added them up. */
function checkCounts(world: World, { record, batches }: SessionImage): void {
  const { counts } = record;
  const byState = new Map<BatchState, number>();
  let completed = 0;
  for (const batch of batches) {
    byState.set(batch.state, (byState.get(batch.state) ?? 0) + 1);
    completed += batch.completed;
  }
  const of = (status: string): number =>
    [...byState].reduce((sum, [state, count]) => (state.startsWith(status) ? sum + count : sum), 0);
  for (const status of ['pending', 'running', 'completed', 'failed', 'crashed', 'cancelled'] as const) {
    if (counts.batches[status] !== of(status)) {
      world.broken('counts', `${record.job} counts ${counts.batches[status]} ${status} batches and has ${of(status)}`);
    }
  }
  if ((counts.batches.cached ?? 0) > counts.batches.completed) {
    world.broken(
      'counts',
      `${record.job} counts ${counts.batches.cached} batches of the cache, and ${counts.batches.completed} completed`,
    );
  }
  if (counts.items.completed !== completed) {
    world.broken('counts', `${record.job} counts ${counts.items.completed} completed items, its batches ${completed}`);
  }
  if (record.position.chunks !== batches.length) {
    world.broken('counts', `${record.job} is cut to chunk ${record.position.chunks} and has ${batches.length} batches`);
  }
}

function checkKeys(world: World, { record }: SessionImage): void {
  if (isEndedSession(record.state)) return;
  for (const { record: other } of world.mirror.sessions()) {
    const isSame = other.job === record.job && other.key === record.key;
    if (isSame && other.id !== record.id && !isEndedSession(other.state))
      world.broken('key', `two sessions of ${record.key} are live`);
  }
}

/** While a session is paused or is to be cancelled, nothing new is claimed, and it does not begin to finalize. */
function checkHeld(world: World, before: SessionImage, after: SessionImage): void {
  const { paused, cancelReason } = before.record;
  if (!paused && cancelReason === null) return;
  const began = after.batches.filter(({ state }, index) => state === 'running' && before.batches[index]?.state !== 'running');
  if (began.length > 0)
    world.broken('paused', `${after.record.job}: batch ${began[0]?.number} was claimed while the session was held`);
}

/** A session moves when it may: under the current epoch, and through the barrier only when nothing is open. */
export function checkMove(
  world: World,
  write: SessionWrite,
  { moved }: SessionMoved,
  before: SessionImage | undefined,
  after: SessionImage,
): void {
  if (!moved || !before) return;
  const name = after.record.job;
  if (write.epoch !== before.record.epoch) world.broken('I12', `${name} moved to ${write.to} under epoch ${write.epoch}`);
  const open = after.batches.filter(({ state }) => !isEndedBatch(state as BatchState));
  if (write.to === 'finalizing' && (open.length > 0 || !after.record.position.ended)) {
    world.broken('I7', `${name} passed its barrier with ${open.length} open batches`);
  }
  if (isEndedSession(write.to) && open.length > 0)
    world.broken('E1', `${name} ended ${write.to} with ${open.length} open batches`);
  if (write.to === 'completed' && before.record.state !== 'finalizing')
    world.broken('I7', `${name} completed from ${before.record.state}`);
}
