import { PermanentError } from '../../model/errors.ts';
import { earthRadius, haversine } from '../tracks/haversine.ts';

/** What is known of a flight from its log. */
export interface LogFacts {
  /** Good fixes. */
  readonly fixes: number;
  /** B records that are no fix: damaged, out of bounds, or of a receiver that had no position. */
  readonly badFixes: number;
  /** From the first to the last good fix, over midnights. */
  readonly durationS: number;
  readonly distanceM: number;
  readonly maxGnssAltM: number;
  readonly minLat: number;
  readonly maxLat: number;
  readonly minLon: number;
  readonly maxLon: number;
}

/** Mean radius of the Earth in metres (IUGG): what flights are measured by. */
const meanRadius = 6_371_008.8;
const daySeconds = 86_400;

/** Time, place, validity, pressure altitude, GNSS altitude: the first 35 characters of a B record. */
const fixPattern = /^B(\d\d)(\d\d)(\d\d)(\d\d)(\d{5})([NS])(\d{3})(\d{5})([EW])([AV])(?:\d{5}|-\d{4})(\d{5}|-\d{4})/;

interface Fix {
  /** Seconds since midnight. */
  readonly time: number;
  readonly lat: number;
  readonly lon: number;
  readonly altitude: number;
}

/**
 * Measures a flight by its log (IGC, one B record a fix).
 *
 * @throws PermanentError `parse_error` when it has fewer than two good fixes: it is no log.
 */
export function measureLog(text: string): LogFacts {
  const records = text.split('\n').filter((line) => line.startsWith('B'));
  const fixes = records.flatMap((line) => readFix(line) ?? []);
  const badFixes = records.length - fixes.length;
  if (fixes.length < 2) {
    const why = `A log has two good fixes at least; this one has ${fixes.length}, and ${badFixes} bad ones.`;
    throw Object.assign(new PermanentError(why), { code: 'parse_error' });
  }
  const [lats, lons] = [fixes.map(({ lat }) => lat), fixes.map(({ lon }) => lon)];
  return {
    fixes: fixes.length,
    badFixes,
    ...wayOf(fixes),
    maxGnssAltM: fixes.map(({ altitude }) => altitude).reduce(greater),
    minLat: lats.reduce(lesser),
    maxLat: lats.reduce(greater),
    minLon: lons.reduce(lesser),
    maxLon: lons.reduce(greater),
  };
}

const lesser = (one: number, other: number): number => Math.min(one, other);
const greater = (one: number, other: number): number => Math.max(one, other);

function readFix(line: string): Fix | undefined {
  const match = fixPattern.exec(line);
  if (!match) return undefined;
  const [, hour, minute, second, latDegrees, latMinutes, ns, lonDegrees, lonMinutes, ew, validity, altitude] = match;
  const lat = degreesOf(latDegrees, latMinutes, ns === 'S');
  const lon = degreesOf(lonDegrees, lonMinutes, ew === 'W');
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
  const isPlace = Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
  // A receiver without a position says so, and writes zeros: the way there and back would be half around the world.
  const isNowhere = validity === 'V' && lat === 0 && lon === 0;
  if (!isTime || !isPlace || isNowhere) return undefined;
  return { time: Number(hour) * 3_600 + Number(minute) * 60 + Number(second), lat, lon, altitude: Number(altitude) };
}

/** Of degrees and thousandths of minutes; NaN for a whole degree of minutes or more. */
function degreesOf(degrees: string | undefined, minutes: string | undefined, isNegative: boolean): number {
  const value = Number(minutes) < 60_000 ? Number(degrees) + Number(minutes) / 60_000 : Number.NaN;
  return isNegative ? -value : value;
}

/** Logs have the time of day alone. It goes back by hours at midnight, and by seconds where a receiver corrects itself. */
function wayOf(fixes: readonly Fix[]): Pick<LogFacts, 'durationS' | 'distanceM'> {
  let [durationS, angle] = [0, 0];
  for (const [index, { time, lat, lon }] of fixes.entries()) {
    const before = fixes[index - 1];
    if (!before) continue;
    durationS += time - before.time + (time < before.time - daySeconds / 2 ? daySeconds : 0);
    angle += haversine(before.lat, before.lon, lat, lon) / earthRadius;
  }
  return { durationS, distanceM: angle * meanRadius };
}
