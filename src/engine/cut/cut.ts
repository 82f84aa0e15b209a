import { setImmediate as turn } from 'node:timers/promises';
import { checkText } from '../../model/check-job-definition.ts';
import type { Cut, Cutter } from '../../model/chunkers.ts';
import { encode, hashOf } from '../../model/codec.ts';
import { errorInfo } from '../../model/error-info.ts';
import type { TaskInput } from '../../model/executor.ts';
import type { JobDefinition } from '../../model/job.ts';
import type { Logger } from '../../model/logger.ts';
import type { NewBatch, Position } from '../../model/records.ts';
import type { Stream } from '../../model/work.ts';
import { type Reader, readStream, type Values } from './read-stream.ts';

/** A chunk that is ready to be recorded, and its input. */
export interface PlannedBatch {
  readonly row: NewBatch;
  readonly input: TaskInput;
}

/** The next chunks of a source, and how far it has been cut with them. */
export interface PlannedGroup {
  readonly batches: readonly PlannedBatch[];
  readonly position: Position;
  /** What the source threw: a value, so that what was cut before settles first. */
  readonly failure?: { readonly thrown: unknown };
}

/** One pass over a session's source. */
export interface Cutting {
  /**
   * The next chunks, at most `limit`: fewer when the source is slow, none only when it ended or was let go. At once when the source
   * is synchronous, unless much of it is passed over first: then the loop gets a turn every few milliseconds.
   */
  take(limit: number): PlannedGroup | Promise<PlannedGroup>;
  /** Lets go of the source. A take that waits is answered with nothing: a pass that was cut short has not ended. Never throws. */
  close(): void;
}

/** Whose source is cut. */
export interface CutSession {
  readonly job: JobDefinition;
  readonly input: unknown;
  readonly abort: { readonly signal: AbortSignal };
  readonly logger: Logger;
}

/** Where a pass begins, and which chunks of it are wanted: the others are passed over. */
export interface CutRange {
  /** Chunks and items before the pass. */
  readonly chunks: number;
  readonly items: number;
  /** Id of the item behind which the source is read on; absent: from its first. */
  readonly after?: string;
  readonly wanted?: (number: number) => boolean;
}

/** Begins to cut a session's source, at its first item or behind another. */
export function cutSource({ job, input, abort: { signal }, logger }: CutSession, range: CutRange): Cutting {
  const wanted = range.wanted ?? (() => true);
  const step = job.slices ? sliceStep(wanted) : itemStep(job, input, range, wanted);
  const open = (): Stream<unknown> => openSource(job, input, signal, range.after);
  const reader = readStream(open, (thrown) =>
    logger.warn({ error: errorInfo(thrown).message }, 'the source threw when it was let go'),
  );
  return planGroups(reader, step, signal);
}

/** Turns what the source gives into planned chunks, and adds them to a list. */
interface Step {
  push(value: unknown, planned: PlannedBatch[]): void;
  end(planned: PlannedBatch[]): void;
  /** Chunks and items behind the pass, wanted or not. */
  position(): { chunks: number; items: number };
}

function openSource(job: JobDefinition, input: unknown, signal: AbortSignal, after: string | undefined): Stream<unknown> {
  if (job.slices) return job.slices(input, { signal });
  if (after !== undefined && job.sourceAfter) return job.sourceAfter(input, after, { signal });
  if (!job.source) throw new TypeError(`Job ${job.name} has neither source nor slices.`);
  return job.source(input, { signal });
}

/** How long values are passed over before the loop gets a turn: heartbeats and answers of workers wait no longer. */
const turnAfterMs = 5;

function planGroups(reader: Reader, step: Step, signal: AbortSignal): Cutting {
  let over = false;
  let closed = false;
  /** Nothing more is read. A source that ends because its signal aborted has not ended: the rest of it is for whoever resumes. */
  const isLetGo = (): boolean => closed || signal.aborted;
  /** Undefined when the values gave no chunk yet. */
  const plan = (values: Values): PlannedGroup | undefined => {
    if (isLetGo()) return undefined;
    const batches: PlannedBatch[] = [];
    let { failure } = values;
    try {
      for (const value of values.items) step.push(value, batches);
      if (values.done && !failure) step.end(batches);
    } catch (thrown) {
      failure = { thrown };
    }
    over = values.done || failure !== undefined;
    if (batches.length === 0 && !over) return undefined;
    return { batches, position: { ...step.position(), ended: over }, ...(failure && { failure }) };
  };
  const take = (limit: number, since = performance.now()): PlannedGroup | Promise<PlannedGroup> => {
    while (!over && !isLetGo()) {
      if (performance.now() - since > turnAfterMs) return turn().then(() => take(limit));
      const values = reader.take(limit);
      if (values instanceof Promise) return values.then((read) => plan(read) ?? take(limit, since));
      const group = plan(values);
      if (group) return group;
    }
    return { batches: [], position: { ...step.position(), ended: over } };
  };
  return {
    take: (limit) => take(limit),
    close() {
      closed = true;
      reader.close();
    },
  };
}

function sliceStep(wanted: (number: number) => boolean): Step {
  let number = 0;
  return {
    push(slice, planned) {
      if (wanted(number)) planned.push(planSlice(number, slice));
      number++;
    },
    end: () => undefined,
    position: () => ({ chunks: number, items: number }),
  };
}

function planSlice(number: number, slice: unknown): PlannedBatch {
  const payload = encode(slice, `slice ${number}`);
  const row: NewBatch = {
    number,
    first: number,
    items: 0,
    before: 0,
    after: 0,
    range: null,
    hash: null,
    taskId: null,
    slice: payload,
    lastItem: null,
  };
  return { row, input: { type: 'slice', slice: payload } };
}

function itemStep(job: JobDefinition, input: unknown, begin: CutRange, wanted: (number: number) => boolean): Step {
  let { chunks, items } = begin;
  const cutter: Cutter | undefined = job.chunk?.start(items);
  if (!cutter) throw new TypeError(`Job ${job.name} has a source but no chunker.`);
  const plan = (cuts: readonly Cut[], planned: PlannedBatch[]): void => {
    for (const cut of cuts) {
      if (wanted(chunks)) planned.push(planItems(job, input, chunks, cut));
      chunks++;
      items = cut.first + cut.items.length;
    }
  };
  return {
    push: (item, planned) => plan(cutter.push(item), planned),
    end: (planned) => plan(cutter.end(), planned),
    position: () => ({ chunks, items }),
  };
}

function planItems(job: JobDefinition, input: unknown, number: number, cut: Cut): PlannedBatch {
  const row: NewBatch = {
    number,
    first: cut.first,
    items: cut.items.length,
    before: cut.before.length,
    after: cut.after.length,
    range: cut.range ?? null,
    hash: hashOfCut(cut),
    taskId: job.taskId ? checkText(job.taskId(cut.items[0], input), `${job.name}: taskId`) : null,
    slice: null,
    lastItem: job.sourceAfter && job.itemId ? checkText(job.itemId(cut.items.at(-1)), `${job.name}: itemId`) : null,
  };
  return { row, input: { type: 'items', items: cut.items, before: cut.before, after: cut.after } };
}

/** Hash of core and overlap. Compared, never read back. */
function hashOfCut({ items, before, after }: Cut): string {
  const whole = before.length + after.length > 0 ? [before, items, after] : items;
  try {
    return hashOf(JSON.stringify(whole));
  } catch {
    // JSON refuses big integers, which threads can carry. The replacer would cost every other input a call a value.
    return hashOf([...before, null, ...items, null, ...after].map(textOf).join());
  }
}

/** What has no text at all (a circle, a getter that throws) is not compared: it must not fail here, before its work has seen it. */
function textOf(item: unknown): string {
  try {
    return String(JSON.stringify(item, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)));
  } catch {
    return '';
  }
}
