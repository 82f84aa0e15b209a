import { ShadowRefusedError } from '../../../model/errors.ts';
import { decidingSide, type ShadowStage, type StageRecord } from '../../../model/replica.ts';
import { compareStores } from './compare.ts';
import { joinPair, type Pair, rolesOf, wayOf } from './pair.ts';
import { repairStores } from './repair.ts';

/** The stages, in the order of a change. */
const stages: readonly ShadowStage[] = ['off', 'shadow', 'primary', 'only'];

/** The stage before or behind one. */
export function stageBeside(stage: ShadowStage, direction: 'promote' | 'demote'): ShadowStage {
  const next = stages[stages.indexOf(stage) + (direction === 'promote' ? 1 : -1)];
  if (next) return next;
  const end = direction === 'promote' ? 'There is no stage beyond it' : 'There is no stage before it';
  throw new ShadowRefusedError('stage', `The pair is in the stage ${stage}. ${end}.`);
}

/** A change of a pair's stage. */
export interface StageChange {
  readonly pair: Pair;
  /** Where the pair is. */
  readonly record: StageRecord;
  readonly to: ShadowStage;
  readonly threshold: number;
}

/**
 * Brings a pair to the next stage, or back to the one before. First the store that decides is marked, so that no host is let in; then
 * hosts are looked for: one that came in before is seen here, and one that comes later sees the mark. Where the other store takes over,
 * or becomes an archive, all rows are compared, and mended. Then the mark of the new stage is set, in the store that decides from now
 * on first. Who dies in between leaves a mark that keeps hosts out, and the same change, made again, goes on from there.
 *
 * @throws ShadowRefusedError when it can't be; then nothing has been changed.
 */
export async function changeStage(change: StageChange): Promise<StageRecord> {
  const { record, to, pair } = change;
  const { deciding, copy } = rolesOf(pair, record.stage);
  const epoch = record.epoch + 1;
  const moving: StageRecord = { ...record, side: deciding.side, epoch, moving: to };
  if (!(await deciding.replica.setStage(moving, record.epoch))) throw overtaken();
  try {
    await checkHosts(change);
    if (needsEqualRows(record.stage, to)) await makeEqual(change);
  } catch (error) {
    await deciding.replica.setStage({ ...moving, epoch: epoch + 1, moving: null }, epoch);
    throw error;
  }
  const done: StageRecord = { ...moving, epoch: epoch + 1, stage: to, moving: null };
  // Whoever else has begun a change meanwhile has raised the epoch: then the mark stays his.
  if ((await deciding.replica.stage())?.epoch !== epoch) throw overtaken();
  if (decidingSide(to) !== deciding.side) await joinPair(copy, done);
  if (!(await deciding.replica.setStage(done, epoch))) throw overtaken();
  if (to === 'only') await joinPair(copy, done);
  return { ...done, side: decidingSide(to) };
}

function overtaken(): ShadowRefusedError {
  return new ShadowRefusedError(
    'stage',
    'Another change of this pair was made at the same moment. Look at its stage, and try again.',
  );
}

/** Else the copy may lack rows: it is filled, or left alone, from here on. */
function needsEqualRows(from: ShadowStage, to: ShadowStage): boolean {
  return decidingSide(from) !== decidingSide(to) || to === 'only';
}

async function checkHosts({ pair, record, to }: StageChange): Promise<void> {
  const hosts = await rolesOf(pair, record.stage).deciding.replica.liveOwners();
  if (hosts.length === 0) return;
  const names = hosts.slice(0, 3).join(', ');
  throw new ShadowRefusedError(
    'hosts',
    `${hosts.length} hosts are at work (${names}), and know only the stage ${record.stage}. Stop them, then go on to ${to}.`,
  );
}

/** What differs a little, as hosts that were killed leave it, is mended here; if much differs, somebody is to look first. */
async function makeEqual({ pair, record, to, threshold }: StageChange): Promise<void> {
  const roles = rolesOf(pair, record.stage);
  await roles.copy.open();
  await joinPair(roles.copy, record);
  const way = wayOf(roles);
  const before = await compareStores(way, { limit: 0 });
  if (before.ratio < threshold) {
    const differ = `${before.rows - before.equal} of ${before.rows} rows differ (ratio ${before.ratio.toFixed(6)}, needed ${threshold})`;
    throw new ShadowRefusedError(
      'ratio',
      `The pair stays in the stage ${record.stage}: ${differ}. Compare them, mend, then go on to ${to}.`,
    );
  }
  if (before.equal === before.rows) return;
  await repairStores(way);
  const after = await compareStores(way, { limit: 0 });
  if (after.equal === after.rows) return;
  throw new ShadowRefusedError(
    'ratio',
    `${after.rows - after.equal} rows differ even after they were copied: somebody else writes to one of the stores.`,
  );
}
