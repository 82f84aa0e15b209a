import type { ShadowStage, StageRecord } from '../../../../model/replica.ts';
import { checkAuthority } from '../../check-authority.ts';
import type { SqliteFile } from '../file.ts';

/** The part that the file plays in a pair. */
export function readStage(file: SqliteFile): StageRecord | undefined {
  const row = file.get<StageRecord>('select pair, epoch, stage, moving, side from shadow');
  if (!row) return undefined;
  // Drivers may add columns of their own.
  const { pair, epoch, stage, moving, side } = row;
  return { pair, epoch, stage, moving, side };
}

/** Writes it, if the recorded epoch is still this one. Answers whether it did. */
export function writeStage(file: SqliteFile, { pair, epoch, stage, moving, side }: StageRecord, before: number): boolean {
  if ((readStage(file)?.epoch ?? 0) !== before) return false;
  const sql = `insert into shadow (only, pair, epoch, stage, moving, side) values (1, ?1, ?2, ?3, ?4, ?5)
    on conflict (only) do update set pair = ?1, epoch = ?2, stage = ?3, moving = ?4, side = ?5`;
  return file.run(sql, pair, epoch, stage satisfies ShadowStage, moving, side) === 1;
}

/** Refuses a write to a file that does not decide. */
export function checkFileAuthority(file: SqliteFile): void {
  checkAuthority(readStage(file));
}
