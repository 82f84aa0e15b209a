import { type Columns, createColumns } from './columns.ts';

/** Whether no point goes back in time. */
export function isInTimeOrder({ time, length }: Columns): boolean {
  for (let i = 1; i < length; i++) if ((time[i] as number) < (time[i - 1] as number)) return false;
  return true;
}

/**
 * The points in time order; equal times stay in their order. Columns that are in order come back as they are.
 *
 * A radix sort of an index (5 million points: 1.6 s), so that no point becomes an object.
 */
export function sortByTime(columns: Columns): Columns {
  if (isInTimeOrder(columns)) return columns;
  const order = timeOrder(columns.time, columns.length);
  const sorted = createColumns(columns.length);
  sorted.length = columns.length;
  for (const name of ['time', 'lat', 'lon', 'ele'] as const) {
    const from = columns[name];
    const to = sorted[name];
    for (let i = 0; i < order.length; i++) to[i] = from[order[i] as number] as number;
  }
  return sorted;
}

/** Places of the points in time order, least significant digit first: each pass is stable, so the whole is. */
function timeOrder(time: Float64Array, length: number): Uint32Array {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < length; i++) {
    const t = time[i] as number;
    if (t < least) least = t;
    if (t > greatest) greatest = t;
  }
  // A pass over 65,536 counters pays only when there are some thousands of points.
  const bits = length < 4_096 ? 8 : 16;
  const radix = 2 ** bits;
  let order = Uint32Array.from({ length }, (_, i) => i);
  let spare = new Uint32Array(length);
  for (let unit = 1; unit <= greatest - least; unit *= radix) {
    const starts = new Uint32Array(radix + 1);
    const digit = (place: number) => Math.floor(((time[place] as number) - least) / unit) % radix;
    for (let i = 0; i < length; i++) (starts[digit(i) + 1] as number)++;
    for (let d = 0; d < radix; d++) starts[d + 1] = (starts[d + 1] as number) + (starts[d] as number);
    for (let i = 0; i < length; i++) {
      const place = order[i] as number;
      const d = digit(place);
      spare[starts[d] as number] = place;
      starts[d] = (starts[d] as number) + 1;
    }
    [order, spare] = [spare, order];
  }
  return order;
}
