import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { MillraceError } from '../../../src/model/errors.ts';
import { createColumns } from '../../../src/workloads/tracks/columns.ts';
import { createRowParser } from '../../../src/workloads/tracks/csv/parse-rows.ts';
import { planSlices } from '../../../src/workloads/tracks/plan-slices.ts';
import { createSliceReader } from '../../../src/workloads/tracks/read-slice.ts';
import { emptyTally } from '../../../src/workloads/tracks/row-counts.ts';
import { missingData, sharedData } from '../../support/shared-data.ts';
import { suite } from '../../support/suite.ts';
import { inspectCsv, tracksWorld } from './tracks-world.ts';

const test = suite('CSV input of tracks');

interface Read {
  readonly points: (number | null)[][];
  readonly counts: ReturnType<typeof emptyTally>;
}

/** All points of a file as time, lat, lon, ele, and the counts of its rows. */
async function read(path: string): Promise<Read> {
  using world = tracksWorld();
  const run = await inspectCsv(path, world.folder, 0);
  const [slice] = [...planSlices([run], Number.POSITIVE_INFINITY)];
  if (!slice) return { points: [], counts: emptyTally() };
  const { points, counts } = createSliceReader([run]).read(slice, () => {});
  const rows = Array.from({ length: points.length }, (_, i) =>
    [points.time, points.lat, points.lon, points.ele].map((column) => (Number.isNaN(column[i]) ? null : (column[i] as number))),
  );
  return { points: rows, counts: counts as Read['counts'] };
}

async function readText(content: string | Uint8Array): Promise<Read> {
  using world = tracksWorld();
  return await read(world.file('input.csv', content));
}

async function refusal(content: string | Uint8Array): Promise<MillraceError> {
  using world = tracksWorld();
  const path = world.file('broken.csv', content);
  try {
    await world.run([path]);
  } catch (error) {
    assert.instance(error, MillraceError);
    assert.match((error as MillraceError).message, 'broken.csv');
    return error as MillraceError;
  }
  throw new Error('the file was read');
}

const noon = Date.UTC(2024, 5, 15, 10, 30);
const three = [
  [noon, 52.52, 13.405, 34],
  [noon + 60_000, 52.521, 13.406, 35],
  [noon + 120_000, 52.522, 13.407, 36],
];

const noCsv = missingData('tracks/formats-dawarich/csv');
for (const name of ['e7_integers.csv', 'gpslogger.csv', 'semicolon_eu.csv']) {
  test.unless(noCsv, `reads the export ${name}`, async () => {
    assert.equal((await read(sharedData(`tracks/formats-dawarich/csv/${name}`))).points, three);
  });
}

test.unless(noCsv, 'reads epoch seconds and columns in another order', async () => {
  const { points } = await read(sharedData('tracks/formats-dawarich/csv/unix_timestamps.csv'));
  assert.equal(
    points,
    three.map(([, lat, lon, ele], i) => [(1_718_444_200 + i * 60) * 1000, lat, lon, ele]),
  );
});

test.unless(noCsv, 'reads quoted headers and fields, and offsets of zones', async () => {
  const { points } = await read(sharedData('tracks/formats-dawarich/csv/quoted_headers.csv'));
  assert.equal(points, [
    [Date.UTC(2024, 11, 2, 19), 32.8954383, -117.1930364, null],
    [Date.UTC(2024, 11, 2, 19, 2, 12), 32.8955442, -117.1929882, null],
  ]);
});

test.unless(missingData('tracks/trackintel'), 'reads nanoseconds cut to milliseconds, and rows out of order', async () => {
  using world = tracksWorld();
  const { summary, tracks, sorted } = await world.run([sharedData('tracks/trackintel/posmo_trajectory.csv')]);
  assert.ok(sorted);
  assert.equal([summary.rows, summary.valid], [1327, 1327]);
  assert.is(tracks[0]?.startMs, Date.UTC(2019, 0, 25, 20, 0, 16, 178));
});

test.unless(missingData('tracks/movebank'), 'reads the columns of Movebank and counts rows without a position', async () => {
  const { counts } = await read(sharedData('tracks/movebank/fisher-F1.movebank.csv'));
  assert.equal([counts.rows, counts.valid, counts.skipped.missing], [2795, 1349, 1446]);
});

test('reads the same points whatever the form', async () => {
  const expected = [
    [1_000_000_000_000, 1.5, 2.5, 3.5],
    [1_000_000_060_000, 0, 0, null],
  ];
  const forms: Record<string, string | Uint8Array> = {
    'a header': 'timestamp,lat,lon,ele\n1000000000,1.5,2.5,3.5\n1000000060,0,0,\n',
    'no header': '1000000000,1.5,2.5,3.5\n1000000060,0,0,\n',
    'no header and no heights in some rows': '1000000000,1.5,2.5,3.5\n1000000060,0,0\n',
    'a byte order mark': '\uFEFFtime,latitude,lng,altitude\n1000000000,1.5,2.5,3.5\n1000000060,0,0,\n',
    'a byte order mark and no header': '\uFEFF1000000000,1.5,2.5,3.5\n1000000060,0,0,\n',
    CRLF: 'ts,lat,lon,alt\r\n1000000000,1.5,2.5,3.5\r\n1000000060,0,0,\r\n',
    'no last line end': 'ts,lat,lon,alt\n1000000000,1.5,2.5,3.5\n1000000060,0,0,',
    tabs: 'date\tlat\tlong\theight\n2001-09-09 01:46:40\t1.5\t2.5\t3.5\n2001-09-09T01:47:40Z\t0\t0\t\n',
    'semicolons and decimal commas': 'Tst;Latitude;Longitude;Elevation\n1000000000;1,5;2,5;3,5\n1000000060;0;0;\n',
    bars: 'ts|lat|lon|ele\n1000000000|1.5|2.5|3.5\n1000000060|0|0|\n',
    'blank lines': '\n\nts,lat,lon,ele\n\n1000000000,1.5,2.5,3.5\n \r\n1000000060,0,0,\n\n',
    'quoted delimiters and quotes in other columns':
      'name,ts,lat,lon,ele\n"a, ""b"", c",1000000000,1.5,2.5,3.5\n"",1000000060,"0","0",\n',
    milliseconds: 'ts,lat,lon,ele\n1000000000000,1.5,2.5,3.5\n1000000060000,0,0,\n',
    'whole ten-millionths': 'ts,latitudeE7,longitudeE7,ele\n1000000000,15000000,25000000,3.5\n1000000060,0,0,\n',
    'heights that are no heights': 'ts,lat,lon,ele\n1000000000,1.5,2.5,3.5\n1000000060,0,0,unknown\n',
    gzip: gzipSync('ts,lat,lon,ele\n1000000000,1.5,2.5,3.5\n1000000060,0,0,\n'),
  };
  for (const [form, content] of Object.entries(forms)) assert.equal((await readText(content)).points, expected, form);
});

test('counts every row that is no point by its reason', async () => {
  const { counts } = await readText(
    [
      'ts,lat,lon,ele',
      '1000000000,1,2,3',
      'soon,1,2,3',
      '1000000000,north,2,3',
      '1000000000,1,east,3',
      ',1,2,3',
      '1000000000,,2,3',
      '1000000000,1,"",3',
      '1000000000,90.0000001,2,3',
      '1000000000,1,-180.0000001,3',
      '1000000000,1',
      'ts,lat,lon,ele',
      `1000000000,1,2,${'x'.repeat(70_000)}`,
      '1000000000,90,-180,3',
    ].join('\n'),
  );
  assert.equal(counts, {
    rows: 13,
    valid: 2,
    skipped: { too_long: 1, too_few_columns: 1, missing: 3, bad_time: 2, bad_lat: 1, bad_lon: 1, out_of_range: 2 },
  });
});

test('reads over a line of many megabytes in bounded memory, wherever ranges are cut', async () => {
  using world = tracksWorld();
  const rows = (from: number) => Array.from({ length: 500 }, (_, i) => `${from + i * 60},1,${i / 1000}\n`).join('');
  const text = `ts,lat,lon\n${rows(1e9)}${'7'.repeat(5_000_000)}\n${rows(1e9 + 86_400)}${'8'.repeat(300_000)}`;
  const path = world.file('long.csv', text);
  const whole = await world.run([path], { chunk: 'all' });
  const hours = await world.run([path], { chunk: '1h' });
  assert.equal([whole.sorted, hours.sorted], [false, false]);
  assert.is(whole.summary.skipped.too_long, 2);
  assert.is(whole.summary.valid, 1_000);
  assert.equal(hours.outputs, whole.outputs);
  assert.equal(hours.summary.skipped, whole.summary.skipped);
});

test('a parser never takes more than its line, however rows are broken', () => {
  const points = createColumns(0);
  const tally = emptyTally();
  const layout = { delimiter: 44, time: 0, lat: 1, lon: 2, ele: 3, latScale: 1, lonScale: 1, dataStart: 0 };
  const text = Buffer.from('1,2,3\n"1,2,3\n1,2,3\n1,2,"3\n4,5,6');
  createRowParser(layout, points, tally).parse(text, 0, text.length);
  assert.is(tally.rows, 5);
  assert.equal([...points.lat.subarray(0, points.length)], [2, 2, 2, 5]);
});

test('a file with a header and no rows has no tracks', async () => {
  using world = tracksWorld();
  const { summary, outputs } = await world.run([world.file('empty.csv', 'timestamp,lat,lon\n')]);
  assert.equal([summary.rows, summary.tracks], [0, 0]);
  assert.equal(JSON.parse(outputs.json), []);
});

test('a file whose rows are all refused has no tracks, and all its rows are counted', async () => {
  using world = tracksWorld();
  const { summary } = await world.run([world.file('refused.csv', 'timestamp,lat,lon\nx,1,2\n1,99,2\n')]);
  assert.equal([summary.rows, summary.valid, summary.skipped.bad_time, summary.skipped.out_of_range], [2, 0, 1, 1]);
});

const refused: readonly (readonly [string, string | Uint8Array, string])[] = [
  ['an empty file', '', 'it is empty'],
  ['UTF-16', Buffer.from('\uFEFFtimestamp,lat,lon\n1,2,3\n', 'utf16le'), 'UTF-16'],
  ['UTF-16 without a mark', Buffer.from('timestamp,lat,lon\n1,2,3\n', 'utf16le'), 'UTF-16'],
  ['a binary file', Uint8Array.from([0x50, 0x4b, 3, 4, 1, 2, 0, 0, 9, 9]), 'binary'],
  ['a header without times', 'name,lat,lon\nx,1,2\n', 'no column for time'],
  ['other text', 'Dear all,\nhow are you?\n', 'names no column for time, lat, lon'],
  ['damaged gzip', gzipSync('ts,lat,lon\n1,2,3\n').subarray(0, 25), 'damaged gzip'],
  ['lines that end in CR only', 'ts,lat,lon\r1,2,3\r', 'CR only'],
];
for (const [what, content, reason] of refused) {
  test(`${what} is NO_READABLE_INPUT, with the file's name and the reason`, async () => {
    const error = await refusal(content);
    assert.is(error.code, 'NO_READABLE_INPUT');
    assert.match(error.message, reason);
  });
}

test('a missing file and a folder are NO_READABLE_INPUT', async () => {
  using world = tracksWorld();
  for (const path of [join(world.folder, 'absent.csv'), world.folder]) {
    const error = await world.run([path]).catch((thrown: MillraceError) => thrown);
    assert.is((error as MillraceError).code, 'NO_READABLE_INPUT');
    assert.match((error as MillraceError).message, path);
  }
});

test('a point at the end of a range of time is outside it', async () => {
  using world = tracksWorld();
  const run = await inspectCsv(world.file('edge.csv', 'ts,lat,lon\n1,2,3\n2,2,3\n'), world.folder, 0);
  const part = { run: 0, begin: run.layout.dataStart, end: run.size };
  assert.is(createSliceReader([run]).read({ from: 1_000, to: 2_001, parts: [part] }, () => {}).points.length, 2);
  for (const [from, to] of [
    [1_000, 2_000],
    [1_001, 3_000],
  ] as const) {
    try {
      createSliceReader([run]).read({ from, to, parts: [part] }, () => {});
      assert.unreachable();
    } catch (error) {
      assert.is((error as { code?: string }).code, 'SOURCE_NOT_ORDERED');
    }
  }
});

test('a file that changes while it is read is INPUT_CHANGED', async () => {
  using world = tracksWorld();
  const path = world.file('growing.csv', 'ts,lat,lon\n1,2,3\n');
  const run = await inspectCsv(path, world.folder, 0);
  const slices = [...planSlices([run], 1_000)];
  writeFileSync(path, 'ts,lat,lon\n1,2,3\n4,5,6\n');
  try {
    for (const slice of slices) createSliceReader([run]).read(slice, () => {});
    assert.unreachable();
  } catch (error) {
    assert.is((error as { code?: string }).code, 'INPUT_CHANGED');
  }
});

test('what is unpacked or sorted on the way is gone afterwards', async () => {
  using world = tracksWorld();
  const path = world.file('packed.csv.gz', gzipSync('ts,lat,lon\n2,1,1\n1,1,1\n3,1,1\n'));
  const { sorted, tracks } = await world.run([path]);
  assert.ok(sorted);
  assert.is(tracks[0]?.points, 3);
  assert.equal(readdirSync(join(world.folder, 'out-1')).sort(), ['tracks.geojson', 'tracks.gpx', 'tracks.json']);
});

test.run();
