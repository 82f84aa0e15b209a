import type { TaskInput } from '../model/executor.ts';
import type { Token } from '../model/ids.ts';
import type { BatchRecord, NewBatch } from '../model/records.ts';
import type { BatchRec } from './charts.ts';
import type { PlannedBatch } from './cut.ts';

/** A batch in memory: between its cut and its end, or its next wait. Waiting batches live in the store. */
export interface LiveBatch {
  readonly number: number;
  /** Position of the core's first item. */
  readonly first: number;
  readonly taskId: string | null;
  readonly input: TaskInput;
  /** What is still to be recorded. Null: the store has it, or will before anything else is written of the batch. */
  unrecorded: NewBatch | null;
  /** Items in the core; 0 while only the worker knows. */
  items: number;
  /** Hash of the cut, or of the items that a worker read out of the slice; null: nobody has yet. */
  hash: string | null;
  /** State and context, moved by the batch chart alone. */
  record: BatchRec;
  /** Places still to run; null: all. */
  remaining: readonly number[] | null;
  /** Items completed so far. */
  completed: number;
  token: Token | null;
}

/** A batch just cut. */
export function fromPlan({ row, input }: PlannedBatch, record: BatchRec): LiveBatch {
  return {
    number: row.number,
    first: row.first,
    taskId: row.taskId,
    input,
    unrecorded: row,
    items: row.items,
    hash: row.hash,
    record,
    remaining: null,
    completed: 0,
    token: null,
  };
}

/** A batch as the store has it, with its input read again. */
export function fromRecord(row: BatchRecord, input: TaskInput, record: BatchRec): LiveBatch {
  return {
    number: row.number,
    first: row.first,
    taskId: row.taskId,
    input,
    unrecorded: null,
    items: row.items,
    hash: row.hash,
    record,
    remaining: row.remaining,
    completed: row.completed,
    token: row.token,
  };
}
