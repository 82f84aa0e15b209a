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

test.run();
