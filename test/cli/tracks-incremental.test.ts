import { existsSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { type CliWorld, cliWorld } from './support/cli-world.ts';
import { hasSettled } from './support/stored.ts';

const test = suite('millrace tracks --mode incremental');
const patience = { timeoutMs: 120_000 };

/** A week at one fix a minute, and more of them that came late. */
function writeHistory(world: CliWorld, late: readonly string[] = []): void {
  const rows = Array.from({ length: 10_000 }, (_, i) => `${1_600_000_000 + i * 60},${(50 + (i % 997) / 1e4).toFixed(4)},7.5`);
  world.write('history.csv', ['timestamp,lat,lon', ...rows, ...late, ''].join('\n'));
}

const asked = (out: string, mode: string): readonly string[] => [
  'tracks',
  'history.csv',
  '--out',
  out,
  '--mode',
  mode,
  '--chunk',
  '1h',
  '--workers',
  '1',
];

test(
  'computes only what changed, after kill -9 too, and gives the bytes of a bulk run',
  async () => {
    using world = cliWorld();
    writeHistory(world);
    const killed = world.start(asked('out', 'incremental'));
    await killed.until(() => hasSettled(world.path('out/.millrace/runs.db'), 'tracks'));
    killed.process.kill('SIGKILL');
    await killed.ended();
    const resumed = await world.run(['resume', 'out']);
    assert.is(resumed.code, 0, resumed.stderr);

    const again = await world.run([...asked('out', 'incremental'), '--json']);
    assert.is(again.code, 0, again.stderr);
    const { cached, summary } = JSON.parse(again.stdout);
    assert.is(summary.chunks, 168);
    assert.is(cached, 168, 'what was computed before the kill was kept, and after it, too');

    writeHistory(world, ['1600360030,50.5,7.5']);
    const late = await world.run(asked('out', 'incremental'));
    assert.is(late.code, 0, late.stderr);
    assert.match(late.stdout, /batches +168, 1 of them computed anew, after a sort/);
    assert.match((await world.run(['show', 'out'])).stdout, /batches +168 total, 168 completed, 167 cached/);

    const bulk = await world.run([...asked('whole', 'bulk'), '--json']);
    assert.is(bulk.code, 0, bulk.stderr);
    assert.is(JSON.parse(bulk.stdout).cached, 0);
    for (const name of ['tracks.json', 'tracks.geojson', 'tracks.gpx'])
      assert.ok(world.read(`out/${name}`) === world.read(`whole/${name}`), name);

    assert.is((await world.run(['prune', 'out', '--cached'])).stdout, '168 cached outputs were deleted.\n');
  },
  patience,
);

test(
  'refuses a store that does not last, and options of prune that do not go together',
  async () => {
    using world = cliWorld();
    writeHistory(world);
    const { code, stderr } = await world.run([...asked('out', 'incremental'), '--store', 'memory']);
    assert.is(code, 2);
    assert.match(stderr, /--mode incremental needs a store that lasts/);
    assert.not(existsSync(world.path('out/tracks.json')));
    const both = await world.run(['prune', 'out', '--cached', '--session', '4f1c']);
    assert.is(both.code, 2);
    assert.match(both.stderr, /either --older-than DURATION, --session SESSION, or --cached/);
  },
  patience,
);

test.run();
