import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { missingData, sharedData } from '../../../support/shared-data.ts';
import { suite } from '../../../support/suite.ts';
import { tracksWorld } from '../tracks-world.ts';

const test = suite('every real file');
const missing = missingData('tracks');

/** Rows and points of each file, or why it is refused. Files of `points/` have tests of their own. */
const expected: Readonly<Record<string, readonly [rows: number, points: number] | RegExp>> = {
  'fboucher/Morning_Nordic_Ski_part_1_.fit': [3294, 652],
  'fboucher/morning_GPX.gpx': [1680, 1680],
  'fboucher/sample-A.fit': [1567, 1567],
  'formats-dawarich/csv/e7_integers.csv': [3, 3],
  'formats-dawarich/csv/gpslogger.csv': [3, 3],
  'formats-dawarich/csv/quoted_headers.csv': [2, 2],
  'formats-dawarich/csv/semicolon_eu.csv': [3, 3],
  'formats-dawarich/csv/unix_timestamps.csv': [3, 3],
  'formats-dawarich/demo_data.json': [1010, 1010],
  'formats-dawarich/geojson/export.json': [10, 10],
  'formats-dawarich/geojson/google_takeout_example.json': [1, 1],
  'formats-dawarich/geojson/gpslogger_example.json': [1, 1],
  'formats-dawarich/geojson/various_fields.geojson': [3, 3],
  'formats-dawarich/google/edge_cases/device_settings.json': /JSON with the keys gaiaId/,
  'formats-dawarich/google/edge_cases/phone_takeout_array_timeline_path.json': [3, 3],
  'formats-dawarich/google/edge_cases/semantic_history_with_bom.json': [2, 2],
  'formats-dawarich/google/edge_cases/timeline_edits.json': [1, 1],
  'formats-dawarich/google/location-history.json': [12, 12],
  'formats-dawarich/google/location-history/with_activitySegment_with_startLocation.json': [1, 1],
  'formats-dawarich/google/location-history/with_activitySegment_with_startLocation_timestampMs.json': [1, 1],
  'formats-dawarich/google/location-history/with_activitySegment_with_startLocation_timestamp_in_milliseconds_format.json': [
    1, 1,
  ],
  'formats-dawarich/google/location-history/with_activitySegment_with_startLocation_timestamp_in_seconds_format.json': [1, 1],
  'formats-dawarich/google/location-history/with_activitySegment_with_startLocation_with_iso_timestamp.json': [1, 1],
  'formats-dawarich/google/location-history/with_activitySegment_without_startLocation.json': [1, 0],
  'formats-dawarich/google/location-history/with_activitySegment_without_startLocation_without_waypointPath.json': [1, 0],
  'formats-dawarich/google/location-history/with_placeVisit_with_location_with_coordinates.json': [2, 1],
  'formats-dawarich/google/location-history/with_placeVisit_with_location_with_coordinates_with_iso_timestamp.json': [2, 1],
  'formats-dawarich/google/location-history/with_placeVisit_with_location_with_coordinates_with_milliseconds_timestamp.json': [
    2, 1,
  ],
  'formats-dawarich/google/location-history/with_placeVisit_with_location_with_coordinates_with_seconds_timestamp.json': [2, 1],
  'formats-dawarich/google/location-history/with_placeVisit_with_location_with_coordinates_with_timestampMs.json': [2, 1],
  'formats-dawarich/google/location-history/with_placeVisit_without_location_with_coordinates.json': [1, 0],
  'formats-dawarich/google/location-history/with_placeVisit_without_location_with_coordinates_with_otherCandidateLocations.json':
    [1, 0],
  'formats-dawarich/google/records.json': [3, 3],
  'formats-dawarich/google/timeline_new_format.json': [7, 7],
  'formats-dawarich/gpx/arc_example.gpx': [6, 6],
  'formats-dawarich/gpx/garmin_example.gpx': [1, 1],
  'formats-dawarich/gpx/gpx_track_multiple_tracks.gpx': [34, 34],
  'formats-dawarich/gpx/gpx_track_single_segment.gpx': [10, 10],
  'formats-dawarich/kml/extended_data.kml': [1, 1],
  'formats-dawarich/kml/gx_track.kml': [4, 4],
  'formats-dawarich/kml/invalid_coordinates.kml': [2, 0],
  'formats-dawarich/kml/linestring_track.kml': [5, 5],
  'formats-dawarich/kml/multigeometry.kml': [6, 6],
  'formats-dawarich/kml/nested_folders.kml': [4, 4],
  'formats-dawarich/kml/points_with_timestamps.kml': [3, 3],
  'formats-dawarich/kml/points_with_timestamps.kmz': /ZIP archive/,
  'formats-dawarich/kml/timespan.kml': [1, 1],
  'formats-dawarich/overland/geodata.json': [2, 1],
  'formats-dawarich/owntracks/2024-03.rec': [13, 11],
  'formats-dawarich/points/geojson_example.json': [6, 6],
  'formats-dawarich/polarsteps/locations.json': /JSON with the keys locations/,
  'formats-dawarich/polarsteps/segments.json': /JSON with the keys id/,
  'formats-dawarich/tcx/no_gps.tcx': [2, 0],
  'formats-dawarich/tcx/running.tcx': [1, 1],
  'gpsbabel/2013_MAY.json': [352, 256],
  'gpsbabel/dg100.gpx': [12027, 12027],
  'gpsbabel/fit-sample.fit': [540, 533],
  'gpsbabel/gtrnctr_power.gpx': [5109, 5109],
  'gpsbabel/mtk_logger.gpx': [817, 817],
  'gpsbabel/mtk_logger_m241_multiple_tracks.gpx': [14263, 14263],
  'gpsbabel/wahoo-element-bolt.fit': [1101, 1101],
  'gpsbabel/wahoo-element-bolt.gpx': [1101, 1101],
  'gpxpy/Mojstrovka.gpx': [184, 184],
  'gpxpy/cerknicko-jezero-with-elevations-zero.gpx': [296, 296],
  'gpxpy/cerknicko-jezero-without-elevations.gpx': [296, 295],
  'gpxpy/cerknicko-jezero.gpx': [296, 296],
  'gpxpy/cerknicko-without-times.gpx': [296, 5],
  'gpxpy/track-with-empty-segment.gpx': [9, 9],
  'gpxpy/track-with-extremes.gpx': [25, 0],
  'gpxpy/unicode_with_bom.gpx': [0, 0],
  'movebank/fisher-F1.movebank.csv': [2795, 1349],
  'movingpandas/liverpool_bus_route14_outbound.csv': [1533, 1533],
  'owntracks/demo-iphone.rec': [25, 23],
  'trackeR/2013-06-01-183220.TCX': [3881, 3842],
  'trackeR/2013-06-08-090442.TCX': [1191, 1191],
  'trackintel/posmo_trajectory.csv': [1327, 1327],
};

function filesBelow(folder: string): readonly string[] {
  const entries = readdirSync(sharedData(`tracks/${folder}`), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = `${folder}${entry.name}`;
    return entry.isDirectory() ? filesBelow(`${path}/`) : [path];
  });
}

test.unless(missing, 'the table of expectations names every file', () => {
  const files = filesBelow('').filter((file) => file !== 'README.md' && !/^points\/.*\.csv$/.test(file));
  assert.equal(files.sort(), Object.keys(expected).sort());
});

for (const [file, what] of Object.entries(expected)) {
  const title = what instanceof RegExp ? 'is refused with the reason' : `has ${what[0]} rows and ${what[1]} points`;
  test.unless(missing, `${file} ${title}`, async () => {
    using world = tracksWorld();
    const run = world.run([sharedData(`tracks/${file}`)]);
    if (what instanceof RegExp) {
      const error = await run.then(
        () => undefined,
        (thrown: unknown) => thrown as { code?: string; message: string },
      );
      assert.is(error?.code, 'NO_READABLE_INPUT');
      assert.match(error?.message ?? '', what);
      return;
    }
    const { rows, valid, skipped } = (await run).summary;
    assert.equal([rows, valid], what);
    assert.is(
      Object.values(skipped).reduce((sum, count) => sum + count),
      rows - valid,
    );
  });
}

const packed = [
  'fboucher/morning_GPX.gpx',
  'formats-dawarich/demo_data.json',
  'formats-dawarich/owntracks/2024-03.rec',
  'formats-dawarich/google/records.json',
  'formats-dawarich/google/timeline_new_format.json',
  'gpsbabel/2013_MAY.json',
  'formats-dawarich/kml/gx_track.kml',
  'trackeR/2013-06-08-090442.TCX',
  'gpsbabel/fit-sample.fit',
];

test.unless(missing, 'a file of any format gives the same tracks when it is packed by gzip, whatever its name', async () => {
  for (const file of packed) {
    using world = tracksWorld();
    const plain = await world.run([sharedData(`tracks/${file}`)]);
    const zipped = world.file('history.txt', gzipSync(readFileSync(sharedData(`tracks/${file}`))));
    assert.equal((await world.run([zipped])).outputs, plain.outputs, file);
  }
});

test.unless(missing, 'files of several formats are one history: the same as the points of all in one file', async () => {
  using world = tracksWorld();
  const of = (path: string) => sharedData(`tracks/${path}`);
  const points = ['gpsbabel-dg100', 'takeout-2013-may', 'dawarich-demo', 'posmo', 'gpsbabel-wahoo-element-bolt'];
  const rows = points.flatMap((name) =>
    readFileSync(of(`points/${name}.csv`), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1),
  );
  const plain = await world.run([world.file('all.csv', ['timestamp,lat,lon,ele', ...rows].join('\n'))]);
  const files = [
    'gpsbabel/dg100.gpx',
    'gpsbabel/2013_MAY.json',
    'formats-dawarich/demo_data.json',
    'points/posmo.csv',
    'gpsbabel/wahoo-element-bolt.gpx',
  ];
  for (const sortMemory of [65_536, 2 ** 24]) {
    const mixed = await world.run(files.map(of), { sortMemory });
    assert.equal(mixed.outputs, plain.outputs);
    assert.ok(mixed.sorted);
  }
});

test.run();
