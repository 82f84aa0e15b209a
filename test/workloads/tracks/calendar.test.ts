import * as assert from 'uvu/assert';
import { calendarOf } from '../../../src/workloads/tracks/calendar.ts';
import { suite } from '../../support/suite.ts';
import { tracksWorld } from './tracks-world.ts';

const test = suite('calendar days of tracks');
const hour = 3_600_000;

/** Hours of each day that begins in these, as the calendar has them. */
function lengths(zone: string, from: string, days: number): number[] {
  const { dayOf } = calendarOf(zone);
  const first = dayOf(Date.parse(from));
  const counts = new Map<number, number>();
  for (let at = Date.parse(from) - 36 * hour; at < Date.parse(from) + (days + 2) * 24 * hour; at += hour / 2) {
    counts.set(dayOf(at), (counts.get(dayOf(at)) ?? 0) + 0.5);
  }
  return Array.from({ length: days }, (_, n) => counts.get(first + n) ?? 0);
}

test('days have 23, 24 and 25 hours where clocks change, also at midnight, and a day that a zone left out has none', () => {
  assert.equal(lengths('Europe/Zurich', '2024-03-30T12:00:00Z', 3), [24, 23, 24]);
  assert.equal(lengths('Europe/Zurich', '2024-10-26T12:00:00Z', 3), [24, 25, 24]);
  assert.equal(lengths('America/Santiago', '2024-09-07T16:00:00Z', 3), [24, 23, 24]);
  assert.equal(lengths('America/Santiago', '2024-04-06T16:00:00Z', 2), [25, 24]);
  assert.equal(lengths('Pacific/Apia', '2011-12-29T20:00:00Z', 3), [24, 0, 24]);
  assert.equal(lengths('Asia/Kathmandu', '2024-01-01T12:00:00Z', 2), [24, 24]);
});

test('days never go back, where clocks are put back over midnight', () => {
  // St. John's put its clocks back at one minute past midnight until 2011: the old date came again for an hour.
  const { dayOf } = calendarOf('America/St_Johns');
  const from = Date.parse('2010-11-06T00:00:00Z');
  const days = Array.from({ length: 3 * 24 * 60 }, (_, minute) => dayOf(from + minute * 60_000));
  assert.equal(
    days,
    [...days].sort((a, b) => a - b),
  );
});

test('a walk over midnight is cut there by the clocks of the zone, and nowhere else', async () => {
  using world = tracksWorld();
  const begin = Date.parse('2024-03-30T21:00:00Z') / 1_000;
  const rows = Array.from({ length: 300 }, (_, n) => `${begin + n * 60},47,8`);
  const file = world.file('walk.csv', ['time,lat,lon', ...rows].join('\n'));
  for (const chunk of ['1d', '20m', 'all'] as const) {
    const { tracks } = await world.run([file], { splitDay: 'Europe/Zurich', chunk });
    assert.equal(
      tracks.map(({ startMs, points }) => [new Date(startMs).toISOString(), points]),
      [
        ['2024-03-30T21:00:00.000Z', 120],
        ['2024-03-30T23:00:00.000Z', 180],
      ],
    );
  }
  assert.is((await world.run([file])).tracks.length, 1);
});

test.run();
