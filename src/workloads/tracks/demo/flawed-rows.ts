import type { Random } from './random.ts';
import { createRowWriter, type DemoPoint, type RowWriter } from './row-writer.ts';

/** Rows that are no points, as real files have them. */
const invalidLines: readonly ((point: DemoPoint) => string)[] = [
  ({ time }) => `${time},,,`,
  ({ time }) => `${time},NaN,NaN,`,
  ({ time }) => `${time},95.2,13.5,40`,
  ({ time }) => `${time},47.4,203.75,412.5`,
  () => 'not-a-time,47.4,8.5,410',
  () => ',47.4,8.5,',
];

/** Turns clean points into rows as a phone's export has them. */
export interface FlawedRows {
  /** Adds a point, now and then with a flaw. */
  add(point: DemoPoint): void;
  /** A new trip: it may be one that is uploaded late. */
  beginTrip(): void;
  /** Rows that are ready. */
  flush(): Uint8Array;
  /** The end: what was held back comes now. */
  end(): Uint8Array;
}

/**
 * @param lateRows - Whether whole trips come some trips late, and single rows some rows late. Without it rows are in order of time;
 * duplicates, several points in one second, missing heights and invalid rows come in either case.
 */
export function createFlawedRows(random: Random, lateRows: boolean): FlawedRows {
  const ready = createRowWriter();
  let late: RowWriter | undefined;
  let tripsUntilLate = 0;
  let straggler: { readonly point: DemoPoint; rowsLeft: number } | undefined;

  const write = (rows: RowWriter, point: DemoPoint): void => {
    rows.writePoint(random.onceIn(40) ? { ...point, height: undefined } : point);
    if (random.onceIn(350)) rows.writePoint(point);
    if (random.onceIn(250))
      rows.writePoint({ ...point, lat: point.lat + random.between(-300, 300), lon: point.lon + random.between(1, 300) });
    if (random.onceIn(900))
      rows.writeLine((invalidLines[random.below(invalidLines.length)] as (point: DemoPoint) => string)(point));
  };
  const releaseStraggler = (): void => {
    if (straggler) write(ready, straggler.point);
    straggler = undefined;
  };
  const releaseLate = (): void => {
    if (late) ready.take(late);
    late = undefined;
  };

  return {
    add(point) {
      const holding = tripsUntilLate > 3 ? late : undefined;
      if (holding) return write(holding, point);
      if (straggler && straggler.rowsLeft-- === 0) releaseStraggler();
      if (lateRows && !straggler && random.onceIn(1_500)) straggler = { point, rowsLeft: random.between(1, 6) };
      else write(ready, point);
    },
    beginTrip() {
      if (late && --tripsUntilLate === 0) releaseLate();
      if (lateRows && !late && random.onceIn(25)) {
        late = createRowWriter();
        tripsUntilLate = 4;
      }
    },
    flush: () => ready.flush(),
    end() {
      releaseStraggler();
      releaseLate();
      return ready.flush();
    },
  };
}
