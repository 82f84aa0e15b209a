import { isEndedBatch } from '../../../src/model/moves.ts';
import type { SessionImage } from '../mirror.ts';
import { isPending } from '../pending.ts';
import type { JobPlan } from '../plan.ts';
import { expectedOutputs } from '../truth.ts';
import type { World } from '../world.ts';

/** Whether a session ended as it had to. */
export function checkStatus(world: World, { record, batches }: SessionImage, dead: ReadonlySet<number>): void {
  const job = world.jobOf(record.job);
  const legal = [
    ...endingsOf(job, { batches, dead }),
    ...(record.cancelReason === null ? [] : ['cancelled']),
    ...(mayKillHosts(world) ? ['failed HOST_KILLER'] : []),
  ];
  const ended = record.state === 'failed' ? `failed ${record.error?.code}` : record.state;
  if (!legal.includes(ended))
    world.broken('E5', `${job.name} ended ${ended} (${record.error?.message}); it had to end ${legal.join(' or ')}`);
  if (record.state === 'completed' && batches.some(({ state }) => !isEndedBatch(state)))
    world.broken('E1', `${job.name} completed early`);
}

/** From five hosts in a row that died of it, as far as anyone can tell, a session is given up: incidents may have been some of them. */
function mayKillHosts({ hosts, plan }: World): boolean {
  const kills = plan.jobs.some(
    ({ place, fates }) => place === 'host' && fates.some((fate) => fate.type === 'poison' && fate.killsHost),
  );
  const isBeside = kills && plan.jobs.length + plan.starters > 2 && isPending('besideHostKiller');
  const isTroubled = plan.faults.incidents.some(({ type }) => type === 'kill' || type === 'freeze' || type === 'close');
  // A lease that ran out looks like a death to whoever takes over.
  return (
    (isTroubled || isBeside) &&
    hosts.reduce((sum, { troubles, owners }) => sum + troubles + Math.max(0, owners.length - 1), 0) >= 5
  );
}

function endingsOf(
  job: JobPlan,
  { batches, dead }: { batches: SessionImage['batches']; dead: ReadonlySet<number> },
): readonly string[] {
  const isBroken = job.sourceFails !== undefined && job.sourceFails < job.items.length;
  if (job.partial === 'forbid' && dead.size > 0)
    return ['failed PARTIAL_FORBIDDEN', 'failed ALL_FAILED', ...(isBroken ? ['failed SOURCE_FAILED'] : [])];
  if (isBroken) return ['failed SOURCE_FAILED'];
  if (batches.length > 0 && batches.every(({ state }) => state !== 'completed')) return ['failed ALL_FAILED'];
  if (combineBreaks(job, dead)) return ['failed COMBINE_FAILED'];
  if (!job.finalize || job.finalizeThrows === 0) return ['completed'];
  if (job.finalizeThrows > 3) return ['failed FINALIZE_FAILED'];
  // Only what throws in one host counts as its failure: another one begins to count anew.
  return job.finalizeThrows < job.attempts ? ['completed'] : ['failed FINALIZE_FAILED', 'completed'];
}

function combineBreaks(job: JobPlan, dead: ReadonlySet<number>): boolean {
  if (job.combine !== 'concat' || job.combineFails === undefined) return false;
  const outputs = expectedOutputs(job, (n) => !dead.has(n)) as readonly (readonly (readonly [number, number])[])[];
  return outputs.length > 1 && outputs.flat().some(([n]) => n === job.combineFails);
}
