import { existsSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import * as assert from 'uvu/assert';
import { sqlite } from '../../src/adapters/stores/sqlite.ts';
import { missingData, sharedData } from '../support/shared-data.ts';
import { suite } from '../support/suite.ts';
import { type CliWorld, cliWorld } from './support/cli-world.ts';
import { hasSettled, stored } from './support/stored.ts';

const test = suite('millrace tracks');
const patience = { timeoutMs: 120_000 };

test(
  'leads from the demonstration to tracks, and the run can be looked at',
  async () => {
    using world = cliWorld();
    const demo = await world.run(['demo', 'tracks', '--days', '4', '--seed', '7', '--out', 'data/demo.csv', '--json']);
    assert.is(demo.code, 0, demo.stderr);
    assert.is(JSON.parse(demo.stdout).bytes, statSync(world.path('data/demo.csv')).size);

    const made = await world.run(['tracks', 'data/demo.csv', '--out', 'out', '--json', '--workers', '2']);
    assert.is(made.code, 0, made.stderr);
    const answer = JSON.parse(made.stdout);
    assert.equal(
      answer.files.map((file: string) => file.slice(world.folder.length + 1)),
      ['out/tracks.json', 'out/tracks.geojson', 'out/tracks.gpx', 'out/report.html', 'out/summary.json'],
    );
    assert.is(answer.summary.tracks, JSON.parse(world.read('out/tracks.json')).length);
    assert.ok(answer.summary.tracks > 0);
    assert.ok(answer.store.transactions > 0);
    assert.match(world.read('out/report.html'), 'lane 1', 'the timeline of the batches is in the report');
    assert.match(world.read('out/report.html'), 'lanes of the timeline are reconstructed');
    const left = readdirSync(world.path('out/.millrace'));
    assert.ok(
      left.every((name) => name.startsWith('runs.db')),
      `nothing but the store is left beside the outputs: ${left.join()}`,
    );

    const listed = await world.run(['sessions', 'out', '--json', '--job', 'tracks']);
    const [session, ...others] = JSON.parse(listed.stdout);
    assert.equal(others, []);
    assert.is(session.id, answer.sessionId);
    assert.is(session.status, 'completed');
    const text = await world.run(['sessions', 'out']);
    assert.match(text.stdout, new RegExp(`${session.id} +tracks +completed`));

    const shown = await world.run(['show', 'out', session.id]);
    assert.is(shown.code, 0);
    for (const word of ['mode +bulk', 'counters +[\\d,]+ rows, [\\d,]+ points', 'Attempts ended over time']) {
      assert.match(shown.stdout, new RegExp(word));
    }
    const nothing = await world.run(['resume', 'out']);
    assert.is(nothing.code, 0);
    assert.match(nothing.stdout, /nothing to resume/);
    for (const name of ['report.html', 'summary.json']) rmSync(world.path(`out/${name}`));
    const completed = await world.run(['resume', 'out', '--json']);
    assert.is(JSON.parse(completed.stdout)[0].sessionId, session.id, 'a host that died before the last output: they are written');
    for (const name of ['report.html', 'summary.json']) assert.ok(existsSync(world.path(`out/${name}`)), name);
    const unknown = await world.run(['show', 'out', 'no-such-id']);
    assert.is(unknown.code, 2);
    assert.match(unknown.stderr, /SESSION_NOT_FOUND/);
  },
  patience,
);

test(
  'makes the same bytes with other chunks, workers, executors and stores',
  async () => {
    using world = cliWorld();
    await world.run(['demo', 'tracks', '--days', '3', '--out', 'demo.csv']);
    const ways = [
      ['--out', 'a'],
      ['--out', 'b', '--chunk', '1h', '--workers', '1'],
      ['--out', 'c', '--chunk', 'all', '--executor', 'inline', '--store', 'memory'],
      ['--out', 'd', '--store', 'sqlite:elsewhere/runs.db', '--chunk', '7d'],
    ];
    for (const way of ways) {
      const { code, stderr } = await world.run(['tracks', 'demo.csv', ...way]);
      assert.is(code, 0, stderr);
    }
    for (const file of ['tracks.json', 'tracks.geojson']) {
      for (const folder of ['b', 'c', 'd'])
        assert.ok(world.read(`${folder}/${file}`) === world.read(`a/${file}`), `${folder}/${file}`);
    }
    assert.not(existsSync(world.path('c/.millrace')), 'a run in memory leaves no store');
    assert.not(existsSync(world.path('d/.millrace')), 'the store is where it was asked for');
    assert.ok(existsSync(world.path('elsewhere/runs.db')));
  },
  patience,
);

test(
  'keeps a run in memory and says so where no SQLite is installed, but not when a store was asked for',
  async () => {
    using world = cliWorld();
    await world.run(['demo', 'tracks', '--days', '2', '--out', 'demo.csv']);
    const hooks = `export async function resolve(name, context, next) {
      if (['node:sqlite', 'better-sqlite3', 'libsql'].includes(name)) throw new Error('not installed');
      return next(name, context);
    }`;
    world.write('hooks.mjs', hooks);
    world.write('without.mjs', "import { register } from 'node:module';\nregister('./hooks.mjs', import.meta.url);\n");
    const env = { NODE_OPTIONS: `--import ${pathToFileURL(world.path('without.mjs'))}` };
    const made = await world.run(['tracks', 'demo.csv', '--out', 'out'], env);
    assert.is(made.code, 0, made.stderr);
    assert.match(made.stderr, /kept in memory only, so it could not be resumed.*\n.*npm install libsql/);
    assert.not(existsSync(world.path('out/.millrace')));
    const refused = await world.run(['tracks', 'demo.csv', '--out', 'out', '--store', 'sqlite:runs.db'], env);
    assert.is(refused.code, 2);
    assert.match(refused.stderr, /DRIVER_MISSING: .*npm install libsql/);
    assert.not(existsSync(world.path('runs.db')));
  },
  patience,
);

test.unless(missingData('tracks/points'), 'makes tracks of a real history, without progress when quiet', async () => {
  using world = cliWorld();
  const file = readdirSync(sharedData('tracks/points')).find((name) => name.endsWith('.csv')) ?? '';
  const { code, stdout, stderr } = await world.run(['tracks', '--quiet', sharedData(`tracks/points/${file}`)]);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^tracks +[\d,]+/);
  assert.is(stderr, '');
});

const written = new Date('2026-01-01T00:00:00Z');

/** A history in time order, long enough that its many small chunks are not done when the first is. */
function writeHistory(world: CliWorld): string {
  const rows = Array.from({ length: 60_000 }, (_, i) => `${1_600_000_000 + i * 60},${(50 + (i % 997) / 1e4).toFixed(4)},7.5`);
  const file = world.write('history.csv', `timestamp,lat,lon\n${rows.join('\n')}\n`);
  // A whole second: such a time can be set back exactly.
  utimesSync(file, written, written);
  return file;
}

/** The same, with the second half before the first: it is sorted before tracks are made. */
function writeShuffled(world: CliWorld): string {
  const [header = '', ...rows] = world.read('history.csv').trim().split('\n');
  return world.write('shuffled.csv', `${[header, ...rows.slice(30_000), ...rows.slice(0, 30_000)].join('\n')}\n`);
}

const manyChunks = ['--chunk', '10m', '--workers', '1'];

/** Starts the command and kills its process as soon as a batch of the job is settled. */
async function killInTheMiddle(world: CliWorld, file: string, out: string): Promise<void> {
  const command = world.start(['tracks', file, '--out', out, ...manyChunks]);
  await command.until(() => hasSettled(world.path(`${out}/.millrace/runs.db`), 'tracks'));
  command.process.kill('SIGKILL');
  await command.ended();
}

test(
  'goes on after kill -9 where it was: the same bytes, and settled batches are not run again',
  async () => {
    using world = cliWorld();
    writeHistory(world);
    const whole = await world.run(['tracks', 'history.csv', '--out', 'whole', ...manyChunks]);
    assert.is(whole.code, 0, whole.stderr);
    for (const [file, out] of [
      ['history.csv', 'ordered'],
      [writeShuffled(world), 'sorted'],
    ] as const) {
      await killInTheMiddle(world, file, out);
      assert.not(existsSync(world.path(`${out}/tracks.json`)));
      const store = world.path(`${out}/.millrace/runs.db`);
      const before = await stored(store);
      const settled = before.attempts.filter(({ outcome }) => outcome === 'completed');
      assert.ok(settled.length > 0);
      assert.ok(
        before.batches.some(({ state }) => state !== 'completed'),
        'it was killed in the middle',
      );
      const [crashed] = JSON.parse((await world.run(['sessions', out, '--json', '--job', 'tracks'])).stdout);
      assert.is(crashed.status, 'crashed');
      const asText = await world.run(['sessions', out, '--job', 'tracks']);
      assert.match(asText.stdout, /crashed +\d+\/\? /, 'how many items there are is not known before all slices are read');

      const resumed = await world.run(['resume', out]);
      assert.is(resumed.code, 0, resumed.stderr);
      for (const name of ['tracks.json', 'tracks.geojson'])
        assert.ok(world.read(`${out}/${name}`) === world.read(`whole/${name}`), name);
      for (const name of ['summary.json', 'report.html']) assert.ok(existsSync(world.path(`${out}/${name}`)), name);
      const after = await stored(store);
      assert.equal(
        after.sessions.map(({ id }) => id),
        before.sessions.map(({ id }) => id),
        'no session was begun anew',
      );
      assert.ok(after.sessions.every(({ state }) => state === 'completed'));
      for (const attempt of settled) {
        const again = after.attempts.filter(
          ({ sessionId, number }) => sessionId === attempt.sessionId && number === attempt.number,
        );
        assert.equal(again, [attempt], `batch ${attempt.number} was run once`);
      }
    }
  },
  patience,
);

test(
  'refuses to go on with a changed input or other options, and leaves the store as it is; --fresh begins anew',
  async () => {
    using world = cliWorld();
    const file = writeHistory(world);
    await killInTheMiddle(world, 'history.csv', 'out');
    const store = world.path('out/.millrace/runs.db');
    // The first look ends the dead host's claims: what is compared is the store after it.
    await world.run(['sessions', 'out']);
    const before = await stored(store);

    utimesSync(file, written, new Date('2026-01-01T00:00:05Z'));
    for (const args of [
      ['resume', 'out'],
      ['tracks', 'history.csv', '--out', 'out', ...manyChunks],
    ]) {
      const { code, stdout, stderr } = await world.run(args);
      assert.is(code, 3, stderr);
      assert.match(stderr, /INPUT_CHANGED: .*history\.csv has been changed/);
      assert.is(stdout, '');
    }
    utimesSync(file, written, written);
    const other = await world.run(['tracks', 'history.csv', '--out', 'out', '--chunk', '7d']);
    assert.is(other.code, 3);
    assert.match(other.stderr, /JOB_CHANGED: .*chunkMs was 600000 and is 604800000/);
    assert.equal(await stored(store), before);
    assert.not(existsSync(world.path('out/tracks.json')));

    utimesSync(file, written, new Date('2026-01-01T00:00:05Z'));
    const fresh = await world.run(['tracks', 'history.csv', '--out', 'out', '--chunk', '7d', '--fresh']);
    assert.is(fresh.code, 0, fresh.stderr);
    const { sessions } = await stored(store);
    assert.equal(
      sessions.map(({ state }) => state),
      ['completed', 'cancelled'],
    );
    assert.is((await world.run(['resume', 'out'])).stdout, 'out has nothing to resume.\n');
  },
  patience,
);

test(
  'drains on SIGINT, and the same command goes on',
  async () => {
    using world = cliWorld();
    writeHistory(world);
    const args = ['tracks', 'history.csv', '--out', 'out', ...manyChunks];
    const command = world.start(args);
    await command.until(() => hasSettled(world.path('out/.millrace/runs.db'), 'tracks'));
    command.process.kill('SIGINT');
    const { code, stdout, stderr } = await command.ended();
    assert.is(code, 130, stderr);
    assert.is(stdout, '');
    assert.match(stderr, /Stopping\.(.|\n)*Interrupted\. To go on: millrace resume out\n$/);
    const again = await world.run(args);
    assert.is(again.code, 0, again.stderr);
    assert.match(again.stderr, /Going on with the run that was interrupted in out/);
    assert.is((await stored(world.path('out/.millrace/runs.db'))).sessions.length, 1);
  },
  patience,
);

test(
  'goes on after SIGINT inside the sort, and when the sort was complete and the tracks not begun',
  async () => {
    using world = cliWorld();
    writeHistory(world);
    writeShuffled(world);
    const args = ['tracks', 'shuffled.csv', '--out', 'out'];
    const store = world.path('out/.millrace/runs.db');
    const command = world.start(args);
    await command.says('progress  sorting  started');
    command.process.kill('SIGINT');
    const { code, stderr } = await command.ended();
    assert.is(code, 130, stderr);
    assert.match(stderr, /Interrupted\. To go on: millrace resume out\n$/);
    const resumed = await world.run(['resume', 'out']);
    assert.is(resumed.code, 0, resumed.stderr);
    const tracks = world.read('out/tracks.json');
    assert.ok(JSON.parse(tracks).length > 0);

    for (const again of [['resume', 'out'], args]) {
      await forgetTracks(store);
      rmSync(world.path('out/tracks.json'));
      const { code, stdout, stderr } = await world.run(again);
      assert.is(code, 0, stderr);
      assert.not(stdout.includes('nothing to resume'));
      assert.ok(world.read('out/tracks.json') === tracks, again.join(' '));
    }
    await forgetTracks(store);
    const fresh = await world.run([...args, '--fresh']);
    assert.is(fresh.code, 0, fresh.stderr);
    assert.equal(
      (await stored(store)).sessions.map(({ job, state }) => [job, state]),
      [
        ['tracks', 'completed'],
        ['tracks-sort', 'completed'],
      ],
    );
    assert.ok(onlyStore(world, 'out'));
  },
  patience,
);

test(
  'leaves no sorted files of a run that was given up, and none of a run in memory that was interrupted',
  async () => {
    using world = cliWorld();
    writeHistory(world);
    const shuffled = writeShuffled(world);
    await killInTheMiddle(world, 'shuffled.csv', 'out');
    assert.not(onlyStore(world, 'out'));
    utimesSync(shuffled, written, written);
    const fresh = await world.run(['tracks', 'history.csv', '--out', 'out', '--fresh']);
    assert.is(fresh.code, 0, fresh.stderr);
    assert.ok(onlyStore(world, 'out'));

    const command = world.start(['tracks', 'shuffled.csv', '--out', 'kept', '--store', 'memory', ...manyChunks]);
    await command.says('progress  tracks  started');
    command.process.kill('SIGINT');
    const { code, stderr } = await command.ended();
    assert.is(code, 130, stderr);
    assert.match(stderr, /kept in memory only: start it again/);
    assert.not(existsSync(world.path('kept/.millrace')));
  },
  patience,
);

test(
  'keeps only the newest of complete runs into a folder',
  async () => {
    using world = cliWorld();
    writeHistory(world);
    writeShuffled(world);
    const ids: string[] = [];
    for (const [file, out] of [
      ['shuffled.csv', 'a'],
      ['history.csv', 'b'],
      ['history.csv', 'a'],
    ] as const) {
      const { code, stdout, stderr } = await world.run(['tracks', file, '--out', out, '--store', 'sqlite:runs.db', '--json']);
      assert.is(code, 0, stderr);
      ids.push(JSON.parse(stdout).sessionId);
    }
    const { sessions } = await stored(world.path('runs.db'));
    assert.equal(
      sessions.map(({ id }) => id),
      [ids[2], ids[1]],
    );
  },
  patience,
);

test(
  'ends with 1 when no row is a point, and with 2 before anything is written when a file or the folder can not be used',
  async () => {
    using world = cliWorld();
    world.write('bad.csv', 'timestamp,lat,lon\nyesterday,50,7\ntoday,51,7\n');
    const made = await world.run(['tracks', 'bad.csv', '--out', 'bad']);
    assert.is(made.code, 1, made.stderr);
    assert.match(made.stderr, /None of the 2 rows is a point/);
    world.write('binary.csv', 'a\u0000b');
    for (const [args, why] of [
      [['binary.csv', '--out', 'new'], /NO_READABLE_INPUT: binary\.csv/],
      [['.', '--out', 'new'], /NO_READABLE_INPUT: .*it is a folder/],
      [['bad.csv', '--out', 'bad.csv'], /--out takes a folder that can be written; bad\.csv is none: EEXIST/],
      [['bad.csv', '--out', 'bad.csv/in'], /--out takes a folder/],
      [['bad.csv', '--store', 'postgres:x', '--out', 'bad'], /no postgres: stores/],
    ] as const) {
      const { code, stderr } = await world.run(['tracks', ...args]);
      assert.is(code, 2, stderr);
      assert.match(stderr, why);
    }
    assert.not(existsSync(world.path('new')));
  },
  patience,
);

/** As if the host had died when the sort was complete and the tracks were not begun. */
async function forgetTracks(file: string): Promise<void> {
  const store = sqlite(file);
  await store.open();
  try {
    for (const { id } of await store.listSessions({ job: 'tracks', limit: 10 })) {
      await store.prune({ endedBefore: Number.MAX_SAFE_INTEGER, limit: 1, id });
    }
  } finally {
    await store.close();
  }
}

/** Whether nothing but the store is left beside the outputs. */
function onlyStore(world: CliWorld, out: string): boolean {
  return readdirSync(world.path(`${out}/.millrace`)).every((name) => name.startsWith('runs.db'));
}

test.run();
