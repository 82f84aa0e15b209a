import { type BatchEvent, batchMachine } from '../../machines/batch-machine.ts';
import { compileRecordDriver, type RecordOf } from '../../machines/record-driver.ts';
import { type SessionEvent, sessionMachine } from '../../machines/session-machine.ts';

/** Where a batch stands: state and context of the batch chart. */
export type BatchRec = RecordOf<typeof batchMachine>;
/** Where a session stands: state and context of the session chart. */
export type SessionRec = RecordOf<typeof sessionMachine>;

export const batchDriver = compileRecordDriver(batchMachine);
export const sessionDriver = compileRecordDriver(sessionMachine);

/** Moves a batch as the chart says. An event that the chart does not answer there is a mistake of the engine, never of data. */
export function stepBatch(record: BatchRec, event: BatchEvent): BatchRec {
  const next = batchDriver.step(record, event);
  if (!next) throw new Error(`The batch chart does not answer ${event.type} in ${record.state}.`);
  return next;
}

/**
 * Moves many batches by one event. Records are plain data and the chart is pure, so batches that stand at the very same
 * record, as all fresh ones of a session do, are decided once.
 */
export function stepAlike(event: BatchEvent): (record: BatchRec) => BatchRec {
  let before: BatchRec | undefined;
  let after: BatchRec | undefined;
  return (record) => {
    if (record === before && after) return after;
    before = record;
    after = stepBatch(record, event);
    return after;
  };
}

/** Moves a session as the chart says; undefined when the chart does not answer the event there. */
export function stepSession(record: SessionRec, event: SessionEvent): SessionRec | undefined {
  return sessionDriver.step(record, event);
}
