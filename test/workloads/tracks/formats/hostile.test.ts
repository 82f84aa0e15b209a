import { gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { createColumns } from '../../../../src/workloads/tracks/columns.ts';
import { fitChecksum } from '../../../../src/workloads/tracks/formats/fit-checksum.ts';
import { FormatError } from '../../../../src/workloads/tracks/formats/format-reader.ts';
import { type FormatName, formats } from '../../../../src/workloads/tracks/formats/formats.ts';
import { createPointSink } from '../../../../src/workloads/tracks/formats/point-sink.ts';
import { emptyTally } from '../../../../src/workloads/tracks/row-counts.ts';
import { suite } from '../../../support/suite.ts';
import { tracksWorld } from '../tracks-world.ts';

const test = suite('hostile and damaged files');

const point = '<trkpt lat="1" lon="2"><time>2024-01-01T00:00:00Z</time></trkpt>';
const gpx = (inside: string): string => `<?xml version="1.0"?><gpx><trk><trkseg>${inside}</trkseg></trk></gpx>`;
const feature = '{"type":"Feature","geometry":{"type":"Point","coordinates":[2,1]},"properties":{"time":"2024-01-01T00:00:00Z"}}';
const collection = (inside: string): string => `{"type":"FeatureCollection","features":[${inside}]}`;

/** A FIT file of one record at 1 degree north, 2 degrees east. */
function fitFile(): Buffer {
  const definition = Buffer.from([0x40, 0, 0, 20, 0, 3, 253, 4, 0x86, 0, 4, 0x85, 1, 4, 0x85]);
  const record = Buffer.alloc(13);
  record.writeUInt32LE(1_000_000_000, 1);
  record.writeInt32LE(11_930_465, 5);
  record.writeInt32LE(23_860_929, 9);
  const body = Buffer.concat([definition, record]);
  const header = Buffer.alloc(12);
  header.set([12, 0x10, 0, 0]);
  header.writeUInt32LE(body.length, 4);
  header.write('.FIT', 8, 'latin1');
  const whole = Buffer.concat([header, body]);
  const sum = fitChecksum(0, whole);
  return Buffer.concat([whole, Buffer.from([sum & 255, sum >> 8])]);
}

async function refusal(content: string | Uint8Array): Promise<string> {
  using world = tracksWorld();
  const path = world.file('hostile.gpx', content);
  const error = await world.run([path]).then(
    () => undefined,
    (thrown: unknown) => thrown as { code?: string; message: string },
  );
  assert.is(error?.code, 'NO_READABLE_INPUT');
  assert.match(error?.message ?? '', 'hostile.gpx');
  return error?.message ?? '';
}

const bomb = '<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>';
const outside = '<!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]>';
const fit = fitFile();
const badSum = Buffer.from(fit);
badSum[15] = 1;

const refused: Readonly<Record<string, readonly [content: string | Uint8Array, why: RegExp]>> = {
  'an entity bomb': [`<?xml version="1.0"?>${bomb}<gpx><name>&b;</name></gpx>`, /DOCTYPE/],
  'an entity from outside': [`<?xml version="1.0"?>${outside}<gpx><name>&x;</name></gpx>`, /DOCTYPE/],
  'a document type behind a long comment': [
    `<?xml version="1.0"?><!--${'x'.repeat(70_000)}-->${bomb}<gpx></gpx>`,
    /DOCTYPE|root|column/,
  ],
  'an entity that is not declared': [gpx(`<name>&unknown;</name>${point}`), /undefined entity|damaged/],
  'XML nested too deeply': [gpx('<a>'.repeat(100) + '</a>'.repeat(100)), /nested more than 64/],
  'XML that ends in the middle': [gpx(point.repeat(50)).slice(0, -40), /ends in the middle/],
  'XML whose tags cross': [gpx('<a><b></a></b>'), /damaged/],
  'other XML': ['<html><body>GPS</body></html>', /root <html> is none of gpx, kml/],
  'JSON nested too deeply': [collection(`{"a":${'['.repeat(100)}${']'.repeat(100)}}`), /nested more than 64/],
  'JSON that ends in the middle': [collection(Array(50).fill(feature).join()).slice(0, -30), /ends in the middle/],
  'JSON that closes what is not open': [`${collection(feature).slice(0, -2)}}]`, /damaged/],
  'JSON without a comma': [collection(`${feature}${feature}`), /damaged/],
  'JSON of something else': ['{"name":"walk","steps":[1,2,3]}', /keys name, steps/],
  'FIT that ends in the middle': [fit.subarray(0, -5), /ends in the middle/],
  'FIT with a wrong checksum': [badSum, /checksum/],
  'FIT with a message before its definition': [Buffer.concat([fit.subarray(0, 12), Buffer.from([5, 0, 0, 0, 0])]), /damaged/],
  'gzip that ends in the middle': [gzipSync(gpx(point.repeat(200))).subarray(0, -20), /damaged gzip/],
};

for (const [name, [content, why]] of Object.entries(refused)) {
  test(`${name} is refused with NO_READABLE_INPUT, the file's name and the reason`, async () => {
    assert.match(await refusal(content), why);
  });
}

test('a gzip file that unpacks to hundreds of times its size is refused, be it CSV or not', async () => {
  for (const [head, piece] of [
    ['timestamp,lat,lon\n1,2,3\n', ' '],
    ['<?xml version="1.0"?><gpx>', '<name/>'],
  ] as const) {
    const bytes = Buffer.concat([Buffer.from(head), Buffer.alloc(40 * 1024 * 1024, piece)]);
    assert.match(await refusal(gzipSync(bytes)), /200 times its size/);
  }
});

/** Feeds a reader one piece again and again. */
function feed(format: FormatName, head: string, piece: string, times: number): { message: string; held: number } {
  const reader = formats[format](createPointSink(emptyTally(), () => createColumns(0)));
  const bytes = Buffer.from(piece.repeat(Math.ceil(65_536 / piece.length)));
  const before = process.memoryUsage().heapUsed;
  try {
    reader.write(Buffer.from(head));
    for (let n = 0; n < times; n++) reader.write(bytes);
  } catch (error) {
    assert.instance(error, FormatError);
    return { message: (error as Error).message, held: process.memoryUsage().heapUsed - before };
  }
  return { message: '', held: process.memoryUsage().heapUsed - before };
}

test('a text, tag, comment or number without an end is refused before it fills the memory', () => {
  const endless: readonly [FormatName, string, string][] = [
    ['gpx', '<gpx><name>', 'x'],
    ['gpx', '<gpx><!--', 'x'],
    ['gpx', '<gpx><a ', 'b="c" d'],
    ['kml', '<kml><coordinates>', '1,2 '],
    ['geojson', '{"a":"', 'x'],
    ['geojson', '{"a":', '1'],
  ];
  for (const [format, head, piece] of endless) assert.is.not(feed(format, head, piece, 1_000).message, '', `${format} ${head}`);
});

test('an element of millions of values is refused, and what no format wants is not held at all', () => {
  assert.match(feed('geojson', '{"features":[{"a":[1', ',1', 200).message, /more than 1000000 values/);
  assert.match(feed('geojson', '{"a":[1', ',1', 200).message, /more than 1000000 values/);
  assert.is(feed('google-records', '{"a":[1', ',1', 200).message, '');
});

test('a line of a recorder that is too long, cut off or no message is a row that is counted', async () => {
  using world = tracksWorld();
  const line = '2024-01-01T00:00:00Z\t*\t{"_type":"location","tst":1704067200,"lat":1,"lon":2}';
  const lines = [
    line,
    `${line.slice(0, -1)},"x":"${'y'.repeat(70_000)}"}`,
    line.slice(0, -5),
    '2024-01-01T00:00:00Z\t*\tnothing',
    line,
  ];
  const { summary } = await world.run([world.file('a.rec', lines.join('\n'))]);
  assert.equal([summary.rows, summary.valid], [5, 2]);
  assert.equal([summary.skipped.too_long, summary.skipped.missing, summary.skipped.too_few_columns], [1, 1, 1]);
});

test('keys that name a prototype are no fields', async () => {
  using world = tracksWorld();
  const file = world.file('a.json', collection(`{"type":"Feature","__proto__":{"geometry":{}},"constructor":{}},${feature}`));
  assert.equal((await world.run([file])).summary.valid, 1);
  assert.is(({} as { geometry?: unknown }).geometry, undefined);
});

test('a FIT record is where and when it says, also with big-endian fields, a compressed time and a second file behind it', async () => {
  using world = tracksWorld();
  const { summary, tracks } = await world.run([world.file('a.fit', Buffer.concat([fit, fit]))], { dedupe: 'none' });
  assert.is(summary.valid, 2);
  assert.is(tracks[0]?.startMs, (1_000_000_000 + 631_065_600) * 1000);
  assert.equal(
    tracks[0]?.bbox,
    [2, 1, 2, 1].map((degrees) => Math.round(degrees * 1e7) / 1e7),
  );
});

test.run();
