import type { Token } from '../../../src/model/ids.ts';
import { isEndedBatch } from '../../../src/model/moves.ts';
import type { BatchRecord, SessionRecord } from '../../../src/model/records.ts';
import type { SessionImage } from '../mirror.ts';
import type { JobPlan } from '../plan.ts';
import type { World } from '../world.ts';

/** Tokens that were ever a claim, by world: `session number` of the batch that each was given to. */
const claims = new WeakMap<World, Map<Token, string>>();

/** What must hold of a session's batches after every event. */
export function checkBatches(world: World, before: SessionImage | undefined, after: SessionImage): void {
  const { record, batches } = after;
  const job = world.jobOf(record.job);
  for (const [index, batch] of batches.entries()) {
    const earlier = before?.batches[index];
    const name = `batch ${batch.number} of ${job.name}`;
    if (batch.number !== index) world.broken('I6', `${name} stands at place ${index}`);
    if (job.input !== 'slices' && job.input !== 'whole-slices') checkTiles(world, batches[index - 1], batch, name);
    if (batch.attempt > job.attempts) world.broken('I5', `${name} has ${batch.attempt} charged attempts of ${job.attempts}`);
    if (earlier?.state === 'running' && batch.state === 'crashed.deciding' && world.mirror.isAlive(earlier.owner)) {
      world.broken('I2', `${name} was taken from an owner whose lease holds`);
    }
    if (batch.state === 'running') checkClaim(world, earlier, batch, name);
    const isReopened = earlier?.state === 'completed' && batch.state === 'pending' && hasDeadInSight(job, record);
    if (
      earlier &&
      isEndedBatch(earlier.state) &&
      earlier.state !== batch.state &&
      !isReopened &&
      record.generation === before?.record.generation
    ) {
      world.broken('I1', `${name} left ${earlier.state} for ${batch.state}`);
    }
    if (earlier && batch.completed < earlier.completed && !isReopened) world.broken('I6', `${name}: completed items went down`);
    if (job.place === 'host' && batch.hostDeaths > job.hostDeaths + 1) {
      world.broken('I5', `${name} has seen ${batch.hostDeaths} hosts die, and may see ${job.hostDeaths}`);
    }
  }
  if (before && batches.length < before.batches.length) world.broken('I6', `${job.name} lost batches`);
}

/** Whether an item's death may be the affair of other batches than its own. */
function hasDeadInSight(job: JobPlan, { counts }: SessionRecord): boolean {
  return job.work === 'chunk' && job.input === 'range' && counts.items.failed > 0;
}

function checkTiles(world: World, previous: BatchRecord | undefined, batch: BatchRecord, name: string): void {
  const expected = previous ? previous.first + previous.items : 0;
  if (batch.first !== expected) world.broken('I6', `${name} begins at item ${batch.first}, not at ${expected}`);
}

function checkClaim(world: World, earlier: BatchRecord | undefined, batch: BatchRecord, name: string): void {
  const known = claims.get(world) ?? new Map<Token, string>();
  claims.set(world, known);
  const { token } = batch;
  if (token === null) {
    world.broken('I2', `${name} runs without a token`);
    return;
  }
  if (earlier?.state === 'running') {
    if (earlier.token !== token) world.broken('I2', `${name} was claimed while it ran under another claim`);
    return;
  }
  if (known.has(token)) world.broken('I2', `${name} was claimed under a token that was used before, for ${known.get(token)}`);
  known.set(token, name);
  if (!world.mirror.isAlive(batch.owner)) world.broken('claim', `${name} was claimed by an owner whose lease does not hold`);
}
