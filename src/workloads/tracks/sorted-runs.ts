import { join } from 'node:path';
import { type Columns, createColumns, reserve } from './columns.ts';
import { writeColumns } from './columns-file.ts';
import type { ColumnsRun } from './history.ts';
import { permanent } from './run-error.ts';
import { sortByTime } from './sort-columns.ts';

/** Devices of one history: each takes a file for every piece that it is in. */
const maxDevices = 1_000;

/** Points on their way into sorted files. */
export interface SortedRuns {
  /**
   * Where points of a device are put; of all, where devices are not told apart.
   *
   * @throws PermanentError with the code `NO_READABLE_INPUT` for the device after the thousandth.
   */
  columnsOf(device: string): Columns;
  /** How many were read since the last file. */
  held(): number;
  /** The files that were written. */
  readonly runs: readonly ColumnsRun[];
  /** Sorts the points, writes them as a file for each device, and begins anew. Without a point, no file. */
  flush(): void;
}

/**
 * @param index - Number of the chunk: the same chunk, done again, writes the same files.
 * @param byDevice - Whether devices are told apart.
 */
export function createSortedRuns(folder: string, index: number, byDevice: boolean): SortedRuns {
  const devices = new Map<string, Columns>();
  const runs: ColumnsRun[] = [];
  const open = (device: string): Columns => {
    if (devices.size === maxDevices)
      throw permanent('NO_READABLE_INPUT', `The history has more than ${maxDevices} devices: is it the right column?`);
    const columns = createColumns(0);
    devices.set(device, columns);
    return columns;
  };
  return {
    runs,
    columnsOf(device) {
      const name = byDevice ? device : '';
      return devices.get(name) ?? open(name);
    },
    held: () => [...devices.values()].reduce((sum, { length }) => sum + length, 0),
    flush() {
      for (const [device, points] of devices) {
        if (points.length === 0) continue;
        const run = writeColumns(join(folder, `${index}-${runs.length}.run`), sortByTime(points));
        runs.push(byDevice ? { ...run, device } : run);
        points.length = 0;
      }
    },
  };
}

/** Moves the last point of some columns to others. */
export function moveLast(from: Columns, to: Columns): void {
  reserve(to, 1);
  const last = --from.length;
  const at = to.length++;
  for (const name of ['time', 'lat', 'lon', 'ele'] as const) to[name][at] = from[name][last] as number;
}
