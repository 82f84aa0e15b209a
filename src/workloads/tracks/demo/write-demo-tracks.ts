import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { checkWhole } from '../../../model/check-option-names.ts';
import { createFlawedRows } from './flawed-rows.ts';
import { createPhone } from './phone.ts';
import { createPhoneDays } from './phone-days.ts';
import { createRandom } from './random.ts';

/** What the generator is asked for. The same options give the same bytes, on every machine. */
export interface DemoOptions {
  /** Days of history, from 1 to 36,500. @default 30, or as many as `rows` takes */
  readonly days?: number;
  /** Any whole number from 0 to 2^32 - 1. @default 1 */
  readonly seed?: number;
  /** Rows a day on average, roughly, from 100 to 5,000. @default 3000 */
  readonly pointsPerDay?: number;
  /** Stop after exactly this many rows, header not counted, from 1 to 1,000,000,000. @default all rows of `days` */
  readonly rows?: number;
  /** Whether some rows come out of the order of time. @default true */
  readonly lateRows?: boolean;
  /** First midnight, whole seconds since 1970, from 0 to 4,102,444,800 (the year 2100). @default 1704067200, Monday 2024-01-01 UTC */
  readonly start?: number;
}

const daySeconds = 86_400;
/** Rows a day with the intervals as written in `paces`, averaged over years and seeds. */
const naturalPointsPerDay = 2_500;
const header = 'timestamp,lat,lon,ele\n';
const lineEnd = 10;

/**
 * The location history of one invented phone as CSV (`timestamp,lat,lon,ele`), a block of bytes per day: commutes, walks, rides, stays with drift,
 * gaps, journeys over one midnight or several, a boat over the antimeridian, and the flaws of real exports.
 *
 * @throws InvalidOptionError for an option out of its bounds.
 */
export function* demoRows(options: DemoOptions = {}): Generator<Uint8Array> {
  const { seed = 1, pointsPerDay = 3_000, lateRows = true, start = 1_704_067_200, rows = Number.POSITIVE_INFINITY } = options;
  const days = options.days ?? (options.rows === undefined ? 30 : Number.POSITIVE_INFINITY);
  checkOptions(options);
  const random = createRandom(seed);
  const flawed = createFlawedRows(random, lateRows);
  const phone = createPhone(random, naturalPointsPerDay / pointsPerDay, flawed.add);
  const life = createPhoneDays(random, phone, flawed.beginTrip);

  yield Buffer.from(header);
  let left = rows;
  for (let day = 0; day < days && left > 0; day++) {
    life.live(day, start + day * daySeconds);
    const block = firstRows(flawed.flush(), left);
    left -= block.rows;
    yield block.bytes;
  }
  if (left > 0) yield firstRows(flawed.end(), left).bytes;
}

/** Writes {@link demoRows} to a file, which is replaced. Holds some days in memory. */
export async function writeDemoTracks(options: DemoOptions & { readonly out: string }): Promise<{ rows: number; bytes: number }> {
  const { out, ...rest } = options;
  let rows = -1;
  let bytes = 0;
  await pipeline(function* () {
    for (const block of demoRows(rest)) {
      rows += firstRows(block, Number.POSITIVE_INFINITY).rows;
      bytes += block.length;
      yield block;
    }
  }, createWriteStream(out));
  return { rows, bytes };
}

/** At most `limit` rows of a block, and how many they are. */
function firstRows(bytes: Uint8Array, limit: number): { readonly bytes: Uint8Array; readonly rows: number } {
  let rows = 0;
  let end = 0;
  while (rows < limit) {
    const next = bytes.indexOf(lineEnd, end);
    if (next < 0) break;
    end = next + 1;
    rows++;
  }
  return { bytes: bytes.subarray(0, end), rows };
}

function checkOptions({ days, seed, pointsPerDay, rows, start }: DemoOptions): void {
  checkWhole(days, 'demo.days', 1, 36_500);
  checkWhole(seed, 'demo.seed', 0, 2 ** 32 - 1);
  checkWhole(pointsPerDay, 'demo.pointsPerDay', 100, 5_000);
  checkWhole(rows, 'demo.rows', 1, 1_000_000_000);
  checkWhole(start, 'demo.start', 0, 4_102_444_800);
}
