import type { TaskInput } from '../../model/executor.ts';
import type { Token } from '../../model/ids.ts';
import type { BatchRange, BatchRecord, Isolation, NewBatch } from '../../model/records.ts';
import type { PlannedBatch } from '../cut/cut.ts';
import type { BatchRec } from './charts.ts';

/** A batch in memory: between its cut and its end, or its next wait. Waiting batches live in the store. */
export interface LiveBatch {
  readonly number: number;
  /** Position of the core's first item. */
  readonly first: number;
  readonly taskId: string | null;
  readonly input: TaskInput;
  /** Where core and overlap lie in the chunker's key; null where it has none. */
  readonly range: BatchRange | null;
  /** It was read from the store: until it is claimed its row may have moved on, so that the claim's answer is what counts. */
  readonly restored: boolean;
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
  /** Hosts that died while it ran. */
  readonly hostDeaths: number;
  /** The search for the item that kills it. */
  isolation: Isolation | null;
  /** What its present run takes; null: all of it. */
  run: BatchRun | null;
}

/** What one run of a batch takes. */
export interface BatchRun {
  /** `whole`, `piece`: what it returns counts, for these items. `probe`: it is thrown away. */
  readonly type: 'whole' | 'piece' | 'probe';
  /** Places: of the core, but for a probe, which may lie in the overlap. Null: all of the core. */
  readonly places: readonly number[] | null;
  /** Dead items in core and overlap when it began: when there are more at its end, it has seen too much. */
  readonly deadInSight: number;
}

/** A batch just cut. */
export function fromPlan({ row, input }: PlannedBatch, record: BatchRec): LiveBatch {
  return {
    number: row.number,
    first: row.first,
    taskId: row.taskId,
    input,
    range: row.range,
    restored: false,
    unrecorded: row,
    items: row.items,
    hash: row.hash,
    record,
    remaining: null,
    completed: 0,
    token: null,
    hostDeaths: 0,
    isolation: null,
    run: null,
  };
}

/** A batch as the store had it when it was claimed. */
export function takeOver(batch: LiveBatch, row: BatchRecord, record: BatchRec): void {
  batch.record = record;
  batch.remaining = row.remaining;
  batch.completed = row.completed;
  batch.isolation = row.isolation;
  batch.items = row.items;
  batch.hash = row.hash;
}

/** A batch as the store has it, with its input read again. */
export function fromRecord(row: BatchRecord, input: TaskInput, record: BatchRec): LiveBatch {
  return {
    number: row.number,
    first: row.first,
    taskId: row.taskId,
    input,
    range: row.range,
    restored: true,
    unrecorded: null,
    items: row.items,
    hash: row.hash,
    record,
    remaining: row.remaining,
    completed: row.completed,
    token: row.token,
    hostDeaths: row.hostDeaths,
    isolation: row.isolation,
    run: null,
  };
}
