import { MillraceError } from '../../model/errors.ts';
import { deviceCodes } from './device-codes.ts';
import { endOfTime, type Part, type Run, type TimeSlice } from './history.ts';
import { createProbes, type Probes } from './open-probes.ts';
import type { Probe } from './probe-run.ts';
import { outOfOrder } from './run-error.ts';

/** How far planning has come in one run. */
interface Cursor {
  readonly run: number;
  readonly file: string;
  /** The position behind the last. */
  readonly end: number;
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
 * The runs are searched, not read: some dozen reads of a few KB a slice, and few of them are open at once. Slices tile every run: a row that is no point goes with the points around it.
 *
 * @param size - Whole milliseconds; `Infinity` for one slice of everything.
 * @throws MillraceError `SOURCE_NOT_ORDERED` where a run is seen to go back in time. What is not seen here, the workers see.
 */
export function* planSlices(runs: readonly Run[], size: number): Generator<TimeSlice, void, undefined> {
  const probes = createProbes(runs);
  try {
    const cursors = runs.map((run, number) => createCursor(number, run, probes.of(number)));
    let slice = firstSlice(cursors, size, probes);
    while (slice) {
      yield slice;
      slice = nextSlice(cursors, size, slice.to, probes);
    }
  } finally {
    probes.close();
  }
}

/** The slices of each device's history, one device after another, by name. Without devices, those of the one history. */
export function* planDevices(runs: readonly Run[], size: number): Generator<TimeSlice, void, undefined> {
  const devices = devicesOf(runs);
  if (devices.length === 0) yield* planSlices(runs, size);
  const codes = deviceCodes(devices);
  for (const [place, name] of devices.entries()) {
    const numbers = [...runs.keys()].filter((number) => deviceOf(runs[number] as Run) === name);
    const own = numbers.map((number) => runs[number] as Run);
    for (const slice of planSlices(own, size)) {
      yield {
        ...slice,
        device: codes[place] as number,
        parts: slice.parts.map((part) => ({ ...part, run: numbers[part.run] as number })),
      };
    }
  }
}

/** Names of the devices that runs are of, sorted; none where devices are not told apart. */
export function devicesOf(runs: readonly Run[]): readonly string[] {
  return [...new Set(runs.flatMap((run) => deviceOf(run) ?? []))].sort();
}

function deviceOf(run: Run): string | undefined {
  return run.type === 'columns' ? run.device : undefined;
}

function createCursor(run: number, { file }: Run, { begin, end, find }: Probe): Cursor {
  return { run, file, end, at: begin, nextTime: find(begin, end)?.time, stride: 65_536 };
}

/** Also takes the runs that hold rows but no point at all: their rows are counted with the first slice. */
function firstSlice(cursors: readonly Cursor[], size: number, probes: Probes): TimeSlice | undefined {
  const pointless = cursors.filter(({ nextTime, at, end }) => nextTime === undefined && at < end);
  const rest = pointless.map(({ run, at, end }): Part => ({ run, begin: at, end }));
  for (const cursor of pointless) cursor.at = cursor.end;
  const slice = nextSlice(cursors, size, Number.NEGATIVE_INFINITY, probes);
  if (!slice) return rest.length > 0 ? { from: 0, to: 0, parts: rest } : undefined;
  return { ...slice, parts: [...slice.parts, ...rest].sort((a, b) => a.run - b.run) };
}

function nextSlice(cursors: readonly Cursor[], size: number, after: number, probes: Probes): TimeSlice | undefined {
  const earliest = cursors.reduce<Cursor | undefined>(
    (first, cursor) =>
      cursor.nextTime !== undefined && (first?.nextTime === undefined || cursor.nextTime < first.nextTime) ? cursor : first,
    undefined,
  );
  const time = earliest?.nextTime;
  if (earliest === undefined || time === undefined) return undefined;
  if (time < after) throw new MillraceError('SOURCE_NOT_ORDERED', outOfOrder(earliest.file, time, after));
  const from = size === Number.POSITIVE_INFINITY ? -endOfTime : Math.floor(time / size) * size;
  const to = size === Number.POSITIVE_INFINITY ? endOfTime : from + size;
  const parts: Part[] = [];
  for (const cursor of cursors) {
    if (cursor.nextTime !== undefined && cursor.nextTime < to) parts.push(takePart(cursor, to, probes.of(cursor.run)));
  }
  return { from, to, parts };
}

/** Moves the cursor behind the last point before `to`. Rows without a point that end the run go with it. */
function takePart(cursor: Cursor, to: number, probe: Probe): Part {
  const { run, at: begin } = cursor;
  let end = searchEnd(probe, begin, to, cursor.stride);
  const next = probe.find(end, probe.end);
  if (!next) end = probe.end;
  cursor.stride = Math.max(end - begin, probe.grain);
  cursor.at = end;
  cursor.nextTime = next?.time;
  return { run, begin, end };
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
