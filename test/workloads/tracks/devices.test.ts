import * as assert from 'uvu/assert';
import { missingData, sharedData } from '../../support/shared-data.ts';
import { suite } from '../../support/suite.ts';
import { tracksWorld } from './tracks-world.ts';

const test = suite('histories of several devices');

/** Two phones that take turns, a degree apart, and rows that name none. */
const rows = Array.from({ length: 60 }, (_, n) => `${n * 60},${n % 3},8,${['"b"', 'a', ''][n % 3]}`);
const csv = ['time,lat,lon,Device Name', ...rows].join('\n');

test('each device has tracks of its own, by name, whatever the order of rows and the cut', async () => {
  using world = tracksWorld();
  const file = world.file('mixed.csv', csv);
  const shuffled = world.file('shuffled.csv', [csv.split('\n')[0], ...[...rows].reverse()].join('\n'));
  const { tracks, outputs, summary } = await world.run([file], { device: 'device_name' });
  assert.equal(
    tracks.map(({ id, device, points, bbox }) => [id, device, points, bbox[1]]),
    [
      ['d1-t120000-0', '', 20, 2],
      ['d2-t60000-0', 'a', 20, 1],
      ['d3-t0-0', 'b', 20, 0],
    ],
  );
  assert.equal([summary.rows, summary.valid, summary.lonely], [60, 60, 0]);
  assert.match(outputs.json, '"device":null');
  assert.match(outputs.geojson, '"device":"b"');
  for (const chunk of ['7m', '1h', 'all'] as const) {
    assert.equal((await world.run([shuffled], { device: 'device_name', chunk })).outputs, outputs);
  }
  assert.is((await world.run([file])).tracks.length, 0);
});

test('a column that is not there is refused at once, and so is one with a name in each row', async () => {
  using world = tracksWorld();
  const many = Array.from({ length: 1_100 }, (_, n) => `${n},1,2,${n}`);
  for (const [content, device, why] of [
    [csv, 'phone', /names no column "phone"/],
    [['time,lat,lon,id', ...many].join('\n'), 'id', /more than 1000 devices/],
  ] as const) {
    const error = await world.run([world.file('a.csv', content)], { device }).then(
      () => undefined,
      (thrown: unknown) => thrown as { code?: string; message: string },
    );
    assert.is(error?.code, 'NO_READABLE_INPUT');
    assert.match(error?.message ?? '', why);
  }
});

test('formats that name devices tell them apart without a column', async () => {
  using world = tracksWorld();
  const line = (n: number) =>
    `2024-01-01T00:00:00Z\t*\t{"_type":"location","tid":"${n % 2 ? 'IN' : 'AN'}","tst":${1704067200 + n},"lat":${n % 2},"lon":2}`;
  const file = world.file('a.rec', Array.from({ length: 20 }, (_, n) => line(n)).join('\n'));
  const { tracks } = await world.run([file], { device: 'tid' });
  assert.equal(
    tracks.map(({ device, points }) => [device, points]),
    [
      ['AN', 10],
      ['IN', 10],
    ],
  );
});

const bus = 'tracks/movingpandas/liverpool_bus_route14_outbound.csv';

test.unless(missingData(bus), 'buses of one file have the tracks that each has alone', async () => {
  using world = tracksWorld();
  const together = await world.run([sharedData(bus)], { device: 'vehicleid' });
  const names = [...new Set(together.tracks.map(({ device }) => device ?? ''))];
  assert.is(names.length, 8);
  for (const name of names) {
    const number = name.replace(/\D+/g, '').slice(-4);
    const alone = await world.run([sharedData(`tracks/points/bus-liverpool-14-${number}.csv`)]);
    const bare = together.tracks.filter(({ device }) => device === name).map(({ id: _, device: __, ...track }) => track);
    assert.equal(
      bare,
      alone.tracks.map(({ id: _, ...track }) => track),
      name,
    );
  }
  const { tracks } = await world.run([sharedData(bus)]);
  assert.is.not(tracks.length, together.tracks.length);
});

test.run();
