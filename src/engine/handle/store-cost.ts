import type { SessionRecord } from '../../model/records.ts';
import type { StoreOperations } from '../../model/store.ts';
import type { LiveSession } from '../live/live-session.ts';

/**
 * Logs what a session cost its store since this host took it on: `grep 'store operations'`.
 * Sessions that ran beside it wrote in the same transactions, and are counted in.
 */
export function logStoreCost({ logger, ports }: LiveSession, before: StoreOperations, ended: SessionRecord): void {
  const after = ports.store.operations();
  const chunks = ended.position.chunks;
  const transactions = after.transactions - before.transactions;
  const rowsWritten = after.rowsWritten - before.rowsWritten;
  const perChunk = (count: number): number | null => (chunks === 0 ? null : Math.round((count / chunks) * 1_000) / 1_000);
  const facts = { chunks, transactions, rowsWritten };
  logger.debug(
    { ...facts, transactionsPerChunk: perChunk(transactions), rowsPerChunk: perChunk(rowsWritten) },
    'store operations',
  );
}
