import { MillraceError } from '../../model/errors.ts';
import { endOfTime, type Part, type Run, type TimeSlice } from './history.ts';
import { openProbe, type Probe } from './probe-run.ts';
import { outOfOrder } from './run-error.ts';

/** How long slices are to be. */
interface SlicePlan {
  readonly size: number;
  readonly leastBytes: number;
}

/** How far planning has come in one run. */
interface Cursor {
  readonly run: number;
  readonly file: string;
  readonly probe: Probe;
  /** Everything before this position is in a slice. */
  at: number;
  /** Time of the first point at or behind `at`; undefined when there is none. */
  nextTime: number | undefined;
  /** Positions that the last slice took: the first guess for the next. */
  stride: number;
}

/**
 * Cuts a history into half-open ranges of time `[n * size, (n + 1) * size)`, anchored at 1970 and never at the first point. Ranges without a point give no slice.
 *
 * The runs are searched, not read: some dozen reads of a few KB a slice. Slices tile every run: a row that is no point goes with the points around it.
 *
 * @param size - Whole milliseconds; `Infinity` for one slice of everything.
 * @param leastBytes - Neighbouring ranges go together until they hold about this much text. Then most are passed over by one look-up.
 * @throws MillraceError `SOURCE_NOT_ORDERED` where a run is seen to go back in time. What is not seen here, the workers see.
 */
export function* planSlices(runs: readonly Run[], size: number, leastBytes = 0): Generator<TimeSlice, void, undefined> {
  const cursors: Cursor[] = [];
  try {
    for (const [number, run] of runs.entries()) cursors.push(openCursor(number, run));
    const plan = { size, leastBytes };
    let slice = firstSlice(cursors, plan);
    while (slice) {
      yield slice;
      slice = nextSlice(cursors, plan, slice.to);
    }
  } finally {
    for (const cursor of cursors) cursor.probe.close();
  }
}

function openCursor(number: number, run: Run): Cursor {
  const probe = openProbe(run);
  const nextTime = probe.find(probe.begin, probe.end)?.time;
  return { run: number, file: run.file, probe, at: probe.begin, nextTime, stride: 65_536 };
}

/** Also takes the runs that hold rows but no point at all: their rows are counted with the first slice. */
function firstSlice(cursors: readonly Cursor[], plan: SlicePlan): TimeSlice | undefined {
  const pointless = cursors.filter((cursor) => cursor.nextTime === undefined && cursor.at < cursor.probe.end);
  const rest = pointless.map((cursor): Part => ({ run: cursor.run, begin: cursor.at, end: cursor.probe.end }));
  for (const cursor of pointless) cursor.at = cursor.probe.end;
  const slice = nextSlice(cursors, plan, Number.NEGATIVE_INFINITY);
  if (!slice) return rest.length > 0 ? { from: 0, to: 0, parts: rest } : undefined;
  return { ...slice, parts: [...slice.parts, ...rest].sort((a, b) => a.run - b.run) };
}

function nextSlice(cursors: readonly Cursor[], { size, leastBytes }: SlicePlan, after: number): TimeSlice | undefined {
  const first = earliestOf(cursors);
  if (first === undefined) return undefined;
  if (first.nextTime < after) throw new MillraceError('SOURCE_NOT_ORDERED', outOfOrder(first.file, first.nextTime, after));
  const begins = cursors.map(({ at }) => at);
  const { from, to: end } = rangeOf(first.nextTime, size);
  let to = Math.max(end, leastBytes > 0 ? rangeAhead(first, leastBytes, size) : end);
  takeAll(cursors, to);
  while (bytesBehind(begins, cursors) < leastBytes) {
    const next = earliestOf(cursors)?.nextTime;
    if (next === undefined || next < to) break;
    to = rangeOf(next, size).to;
    takeAll(cursors, to);
  }
  const parts = cursors.map(({ run, at }, place): Part => ({ run, begin: begins[place] as number, end: at }));
  return { from, to, parts: parts.filter(({ begin, end }) => begin < end) };
}

/** The cursor with the earliest point ahead; of equal ones the first. */
function earliestOf(cursors: readonly Cursor[]): (Cursor & { readonly nextTime: number }) | undefined {
  let first: (Cursor & { nextTime: number }) | undefined;
  for (const cursor of cursors) if (hasPoint(cursor) && (!first || cursor.nextTime < first.nextTime)) first = cursor;
  return first;
}

function hasPoint(cursor: Cursor): cursor is Cursor & { nextTime: number } {
  return cursor.nextTime !== undefined;
}

function rangeOf(time: number, size: number): { readonly from: number; readonly to: number } {
  if (size === Number.POSITIVE_INFINITY) return { from: -endOfTime, to: endOfTime };
  const from = Math.floor(time / size) * size;
  return { from, to: from + size };
}

/** The beginning of the range that lies some bytes ahead: those before it need not be looked at one by one. */
function rangeAhead({ probe, at }: Cursor, bytes: number, size: number): number {
  const found = probe.find(at + Math.ceil(bytes / probe.bytes), probe.end);
  return found ? rangeOf(found.time, size).from : Number.NEGATIVE_INFINITY;
}

function bytesBehind(begins: readonly number[], cursors: readonly Cursor[]): number {
  return cursors.reduce((sum, { at, probe }, place) => sum + (at - (begins[place] as number)) * probe.bytes, 0);
}

/** Moves every cursor behind the last point before `to`. */
function takeAll(cursors: readonly Cursor[], to: number): void {
  for (const cursor of cursors) if (hasPoint(cursor) && cursor.nextTime < to) take(cursor, to);
}

/** Rows without a point that end the run go with its last point. */
function take(cursor: Cursor, to: number): void {
  const { probe, at: begin } = cursor;
  let end = searchEnd(probe, begin, to, cursor.stride);
  const next = probe.find(end, probe.end);
  if (!next) end = probe.end;
  cursor.stride = Math.max(end - begin, probe.grain);
  cursor.at = end;
  cursor.nextTime = next?.time;
}

/**
 * The position behind the last point before `to`: found by strides that double, then by halving.
 *
 * Throughout, every point before `low` is before `to`, and none at or behind `high` is. A look-up that finds no point before `high` says the same of
 * where it began, so that even long stretches without points are read only once.
 */
function searchEnd(probe: Probe, begin: number, to: number, stride: number): number {
  let low = begin;
  let high = probe.end;
  const isBefore = (position: number): boolean => {
    const found = probe.find(position, high);
    if (!found || found.time >= to) {
      high = position;
      return false;
    }
    low = found.next;
    return true;
  };
  for (let step = stride; low + step < high && isBefore(low + step); ) step *= 2;
  while (high - low > probe.grain) isBefore(low + Math.floor((high - low) / 2));
  while (low < high && isBefore(low)) {
    // Walks row by row.
  }
  return low;
}
