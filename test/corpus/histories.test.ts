import * as assert from 'uvu/assert';
import { MillraceError } from '../../src/model/errors.ts';
import { checkPrototype } from '../security/support.ts';
import { suite } from '../support/suite.ts';
import { tracksWorld } from '../workloads/tracks/tracks-world.ts';
import { type OddText, oddFiles, oddRows } from './histories.ts';

const test = suite('corpus: GPS histories');

const header = 'timestamp,lat,lon,ele\n';
const healthy = [
  '2025-06-15T10:30:00Z,52.52,13.405,34',
  '2025-06-15T10:31:00Z,52.521,13.406,35',
  '2025-06-15T10:32:00Z,52.522,13.407,36',
];

/** A history with something between its first and second row. */
function around(odd: string | Uint8Array, lineBreak: string): Buffer {
  const [first = '', ...rest] = healthy;
  const text = (rows: readonly string[]): Buffer => Buffer.from(rows.map((one) => one + lineBreak).join(''));
  return Buffer.concat([Buffer.from(header), text([first]), Buffer.from(odd as string), Buffer.from(lineBreak), text(rest)]);
}

/** A byte that no text has makes a file a binary one: it is refused as a whole, and says so. */
function hasNul({ content }: OddText): boolean {
  return Buffer.from(content as string).includes(0);
}

for (const [name, lineBreak] of [
  ['Unix', '\n'],
  ['Windows', '\r\n'],
] as const) {
  test(`${oddRows.length} odd rows with ${name} line breaks: each is a point or skipped, and the rows around it are points`, async () => {
    using world = tracksWorld();
    for (const { name: row, content } of oddRows.filter((one) => !hasNul(one))) {
      const { summary, outputs } = await world.run([world.file('odd.csv', around(content, lineBreak))], {
        dedupe: 'none',
        minPoints: 1,
      });
      const skipped = Object.values(summary.skipped).reduce((sum, one) => sum + one, 0);
      assert.is(summary.valid + skipped, summary.rows, `${row}: ${JSON.stringify(summary)}`);
      assert.ok(summary.rows === 3 || summary.rows === 4, `${row}: ${summary.rows} rows`);
      assert.ok(summary.valid >= 3, `${row} took others along: ${JSON.stringify(summary)}`);
      assert.ok(JSON.parse(outputs.geojson) && JSON.parse(outputs.json), row);
      for (const place of ['52.52', '52.521', '52.522']) assert.match(outputs.gpx, `lat="${place}"`, row);
      assert.not.match(outputs.gpx, /NaN|Infinity|undefined/, row);
    }
    checkPrototype('rows');
  });
}

test(
  `${oddFiles.length} odd files: each is read to the end, or refused by name`,
  async () => {
    using world = tracksWorld();
    let read = 0;
    for (const { name, content } of oddFiles) {
      try {
        const { summary, outputs } = await world.run([world.file('odd.csv', content)]);
        assert.type(summary.rows, 'number', name);
        assert.ok(JSON.parse(outputs.json) && JSON.parse(outputs.geojson), name);
        assert.not.match(outputs.gpx, /NaN|Infinity|undefined/);
        read++;
      } catch (error) {
        assert.ok(error instanceof MillraceError && error.code === 'NO_READABLE_INPUT', `${name}: ${String(error)}`);
        assert.match((error as MillraceError).message, 'odd.csv');
      }
    }
    assert.ok(read > 10, `${read} were read`);
    checkPrototype('files');
  },
  { timeoutMs: 30_000 },
);

test('all odd rows in one file, sorted and unsorted, give the same tracks however it is cut', async () => {
  using world = tracksWorld();
  const parts = oddRows.filter((one) => !hasNul(one)).map(({ content }) => Buffer.from(content as string));
  const line = Buffer.from('\n');
  const rows = [Buffer.from(header.trim()), ...healthy.map((one) => Buffer.from(one)), ...parts, ...parts].flatMap((one) => [
    one,
    line,
  ]);
  const file = world.file('odd.csv', Buffer.concat(rows));
  const [first, ...others] = await Promise.all(
    (['all', '1d', '3ms'] as const).map((chunk) => world.run([file], { chunk: chunk === '3ms' ? '30d' : chunk })),
  );
  for (const other of others) assert.equal(other.outputs, first?.outputs);
  assert.is(first?.sorted, true);
});

test.run();
