import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { missingData, sharedData } from '../../../support/shared-data.ts';
import { suite } from '../../../support/suite.ts';
import { tracksWorld } from '../tracks-world.ts';

const test = suite('formats of real files');

/** Files of which somebody else made a CSV file of points, by the path of both below the folder of tracks. */
const pairs: Readonly<Record<string, string>> = {
  'fboucher/morning_GPX.gpx': 'fboucher-morning_GPX',
  'formats-dawarich/demo_data.json': 'dawarich-demo',
  'gpsbabel/2013_MAY.json': 'takeout-2013-may',
  'gpsbabel/dg100.gpx': 'gpsbabel-dg100',
  'gpsbabel/gtrnctr_power.gpx': 'gpsbabel-gtrnctr_power',
  'gpsbabel/mtk_logger.gpx': 'gpsbabel-mtk_logger',
  'gpsbabel/mtk_logger_m241_multiple_tracks.gpx': 'gpsbabel-mtk_logger_m241_multiple_tracks',
  'gpsbabel/wahoo-element-bolt.gpx': 'gpsbabel-wahoo-element-bolt',
  'gpxpy/Mojstrovka.gpx': 'gpxpy-Mojstrovka',
  'gpxpy/cerknicko-jezero-with-elevations-zero.gpx': 'gpxpy-cerknicko-jezero-with-elevations-zero',
  'gpxpy/cerknicko-jezero-without-elevations.gpx': 'gpxpy-cerknicko-jezero-without-elevations',
  'gpxpy/cerknicko-jezero.gpx': 'gpxpy-cerknicko-jezero',
};

for (const [file, points] of Object.entries(pairs)) {
  test.unless(missingData(`tracks/${file}`), `${file} gives the same bytes of tracks as the CSV of its points`, async () => {
    using world = tracksWorld();
    const [ours, plain] = [
      await world.run([sharedData(`tracks/${file}`)]),
      await world.run([sharedData(`tracks/points/${points}.csv`)]),
    ];
    assert.is(ours.summary.valid, plain.summary.valid);
    assert.is(ours.summary.duplicates, plain.summary.duplicates);
    assert.ok(ours.outputs.json === plain.outputs.json, `tracks.json of ${file} differs`);
    assert.ok(ours.outputs.geojson === plain.outputs.geojson, `tracks.geojson of ${file} differs`);
    assert.ok(ours.outputs.gpx === plain.outputs.gpx, `tracks.gpx of ${file} differs`);
  });
}

const fit = missingData('tracks/gpsbabel/wahoo-element-bolt.fit');

test.unless(fit, 'a FIT file gives the tracks of the CSV that was made of its GPX copy, whose degrees were rounded', async () => {
  using world = tracksWorld();
  const ours = await world.run([sharedData('tracks/gpsbabel/wahoo-element-bolt.fit')]);
  const plain = await world.run([sharedData('tracks/points/gpsbabel-wahoo-element-bolt.csv')]);
  assert.is(ours.outputs.json, plain.outputs.json);
  const [found, wanted] = [ours, plain].map(({ outputs }) => (outputs.geojson.match(/-?\d+\.\d+/g) ?? []).map(Number));
  assert.is(found?.length, wanted?.length);
  assert.ok((found ?? []).every((degrees, i) => Math.abs(degrees - (wanted?.[i] ?? 0)) < 2e-7));
});

/** Trackpoints as a text search finds them, as rows of CSV. */
function trackpoints(tcx: string): readonly string[] {
  const field = (text: string, name: string): string => new RegExp(`<${name}>(.*?)</${name}>`).exec(text)?.[1] ?? '';
  return [...tcx.matchAll(/<Trackpoint>(.*?)<\/Trackpoint>/gs)].map(([point]) => {
    const [lat, lon, ele] = ['LatitudeDegrees', 'LongitudeDegrees', 'AltitudeMeters'].map((name) => field(point, name));
    return `${Date.parse(field(point, 'Time')) / 1000},${lat},${lon},${ele}`;
  });
}

for (const name of ['2013-06-01-183220', '2013-06-08-090442']) {
  const file = `tracks/trackeR/${name}.TCX`;
  test.unless(
    missingData(file),
    `the TCX file ${name} gives the tracks of its points, among which are those of the month's CSV`,
    async () => {
      using world = tracksWorld();
      const ours = await world.run([sharedData(file)]);
      const rows = trackpoints(readFileSync(sharedData(file), 'utf8'));
      const plain = await world.run([world.file('rows.csv', ['time,lat,lon,ele', ...rows].join('\n'))]);
      assert.equal([ours.outputs, ours.summary.skipped], [plain.outputs, plain.summary.skipped]);
      const month = readFileSync(sharedData('tracks/points/runner-june-2013.csv'), 'utf8').trimEnd().split('\n').slice(1);
      const [begin = 0, end = 0] = [rows[0], rows.at(-1)].map((row) => Number.parseFloat(row ?? ''));
      const placesOf = (row: string): string => row.split(',').slice(0, 3).map(Number).join();
      const known = new Set(rows.map(placesOf));
      const part = month.filter((row) => Number.parseFloat(row) >= begin && Number.parseFloat(row) <= end && !row.includes(',,'));
      assert.ok(part.length > rows.length * 0.95);
      // R filled some of the rows without a position with the one before.
      const unknown = part.filter((row) => !known.has(placesOf(row)));
      assert.ok(unknown.length <= ours.summary.skipped.missing);
    },
  );
}

test.run();
