export { type BatchContext, type BatchEvent, type BatchInput, batchMachine } from './machines/batch-machine.ts';
export { type ChartMove, movesOf } from './machines/moves-of.ts';
export {
  type ChartRecord,
  compileRecordDriver,
  type RecordDriver,
  type RecordDriverOf,
  type RecordOf,
  type StateOf,
} from './machines/record-driver.ts';
export { type SessionContext, type SessionEvent, type SessionInput, sessionMachine } from './machines/session-machine.ts';
