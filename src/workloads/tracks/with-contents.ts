import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Columns } from './columns.ts';
import type { Run, TimeSlice } from './history.ts';
import { createSliceReader } from './read-slice.ts';
import type { RowCounts } from './row-counts.ts';

/** How long slices are read before the host's loop gets a turn. */
const turnAfterMs = 5;

/**
 * Says of each slice what is in it: a hash of its points in their order, of those near it that the rules look at, and of how many rows there were.
 * Where they lie in which files does not count, nor does what comes to the same in another order of the files.
 *
 * @param reachMs - How far around a slice the rules look.
 */
export async function* withContents(
  slices: Iterable<TimeSlice>,
  runs: readonly Run[],
  reachMs: number,
): AsyncGenerator<TimeSlice, void, undefined> {
  const reader = createSliceReader(runs);
  let since = performance.now();
  for (const slice of slices) {
    const { points, counts } = reader.read(slice, () => undefined);
    yield { ...slice, content: contentOf(slice, points, counts, reachMs) };
    if (performance.now() - since < turnAfterMs) continue;
    await turn();
    since = performance.now();
  }
}

function contentOf(
  { device = -1, from, to }: TimeSlice,
  { time, lat, lon, ele, length }: Columns,
  counts: RowCounts,
  reachMs: number,
): string {
  let begin = 0;
  while (begin < length && (time[begin] as number) < from - reachMs) begin++;
  let end = length;
  while (end > begin && (time[end - 1] as number) >= to + reachMs) end--;
  const hash = createHash('sha256').update(JSON.stringify([device, end - begin, counts]));
  for (const column of [time, lat, lon, ele]) {
    hash.update(new Uint8Array(column.buffer, column.byteOffset + begin * 8, (end - begin) * 8));
  }
  return hash.digest('hex');
}

/** Where a slice belongs, whatever is in it. */
export function rangeOf({ device, from, to }: TimeSlice): string {
  return device === undefined ? `${from}:${to}` : `${device}:${from}:${to}`;
}
