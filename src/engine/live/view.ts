import { copyPayload, decode } from '../../model/codec.ts';
import { isEndedSession } from '../../model/moves.ts';
import type { FailureGroup, Outcome } from '../../model/outcome.ts';
import type { SessionRecord } from '../../model/records.ts';
import { statusOf } from '../api/progress.ts';
import type { SessionView } from '../api/session.ts';
import { finalizeIdOf } from './move.ts';

/** What a session waits for that its last host let go of in order: nothing of it is lost, and nobody runs it. */
export const leftInOrder = 'a host that goes on with it: the last one let go of it in order';

/** A stored session as people see it. */
export function viewOf(record: SessionRecord, extras: { orphaned: boolean; waitingFor: string | null }): SessionView {
  const crashed = extras.orphaned && !isEndedSession(record.state);
  return {
    id: record.id,
    job: record.job,
    version: record.version,
    key: record.key,
    status: crashed ? 'crashed' : statusOf(record.state),
    state: record.state,
    paused: record.paused,
    waitingFor: extras.waitingFor ?? (crashed && record.coordinator === null ? leftInOrder : null),
    priority: record.priority,
    generation: record.generation,
    counts: record.counts,
    counters: record.counters,
    metadata: record.metadata === null ? {} : (decode(copyPayload(record.metadata)) as Record<string, unknown>),
    error: record.error,
    createdAt: record.createdAt,
    startedAt: record.startedAt,
    endedAt: record.endedAt,
  };
}

/** How an ended session ended. */
export function outcomeOf<Result>(record: SessionRecord, failures: readonly FailureGroup[]): Outcome<Result> {
  const base = {
    sessionId: record.id,
    counts: record.counts,
    counters: record.counters,
    failures,
    finalizeId: record.finalizeTries > 0 ? finalizeIdOf(record) : undefined,
  };
  // The result is what this job's finalize returned, and came back through the codec.
  if (record.state === 'completed') return { ...base, status: 'completed', result: resultOf(record) as Result };
  const error = record.error ?? { name: 'Error', message: 'No reason was recorded.', category: 'lost' };
  return { ...base, status: record.state === 'cancelled' ? 'cancelled' : 'failed', error };
}

function resultOf(record: SessionRecord): unknown {
  return record.result === null ? undefined : decode(copyPayload(record.result));
}

/** What is read from a store in pages, one by one. */
export async function* pages<Row>(
  read: (after: number, limit: number) => Promise<readonly Row[]>,
  limit = 500,
): AsyncGenerator<Row> {
  for (let after = 0; ; after += limit) {
    const rows = await read(after, limit);
    yield* rows;
    if (rows.length < limit) return;
  }
}
