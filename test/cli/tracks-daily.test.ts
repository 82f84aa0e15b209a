import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { readUsers } from '../../src/cli/tracks/daily/read-users.ts';
import { suite } from '../support/suite.ts';
import { type CliWorld, cliWorld } from './support/cli-world.ts';

const test = suite('millrace tracks --mode daily');
const patience = { timeoutMs: 120_000 };
const minute = 60_000;

/** Rows of somebody who walks for two hours of a day, a point a minute. */
function walk(day: string, step = 0.0002): string {
  const start = Date.parse(`${day}T10:00Z`);
  const rows = Array.from({ length: 120 }, (_, place) =>
    [new Date(start + place * minute).toISOString(), 47 + place * step, 8.5].join(),
  );
  return `${rows.join('\n')}\n`;
}

const header = 'time,lat,lon\n';
const days = ['2026-01-01', '2026-01-02', '2026-01-03'] as const;

function users(world: CliWorld): void {
  world.write('ann.csv', header + days.map((day) => walk(day)).join(''));
  world.write('bob.csv', header + walk(days[0]));
  const list = [
    { name: 'ann', files: ['ann.csv'] },
    { name: 'bob', status: 'trial', files: ['bob.csv'], settings: { gap: '30s', formats: ['json', 'summary'] } },
    { name: 'cid', status: 'inactive', files: ['nowhere.csv'] },
  ];
  world.write('users.json', JSON.stringify({ users: list, cron: '0 */4 * * *', zone: 'Europe/Berlin' }));
}

interface Told {
  readonly user: string;
  readonly status: string;
  readonly result?: { tracks: number; chunks: number; cached: number; from: number | null; until: number };
}

async function once(world: CliWorld, code = 0, place = 'users.json'): Promise<readonly Told[]> {
  const ran = await world.run(['tracks', '--mode', 'daily', place, '--out', 'out', '--once', '--json', '--workers', '1']);
  assert.is(ran.code, code, ran.stderr);
  return (JSON.parse(ran.stdout) as { users: Told[] }).users;
}

function brief({ user, status, result }: Told): string {
  return result ? `${user} ${status} ${result.chunks - result.cached}/${result.chunks}` : `${user} ${status}`;
}

test(
  'computes what is new for users who are active or on trial, from where the last run ended, and the bytes are those of a bulk run',
  async () => {
    using world = cliWorld();
    users(world);
    const first = await once(world);
    assert.equal(first.map(brief), ['ann completed 3/3', 'bob completed 1/1', 'cid inactive']);
    assert.equal([first[0]?.result?.from, first[0]?.result?.until], [null, Date.parse('2026-01-03T11:59Z')]);
    assert.is(first[1]?.result?.tracks, 0, 'bob has settings of his own');
    assert.equal(readdirSync(world.path('out/bob')), ['summary.json', 'tracks.json']);

    assert.equal((await once(world)).map(brief), ['ann nothing new', 'bob nothing new', 'cid inactive']);

    appendFileSync(world.path('ann.csv'), walk('2026-01-04') + walk('2026-01-02', 0.0001));
    const third = await once(world);
    assert.equal(third.map(brief), ['ann completed 2/4', 'bob nothing new', 'cid inactive']);
    assert.equal(
      [third[0]?.result?.from, third[0]?.result?.until],
      [Date.parse('2026-01-03T11:59Z'), Date.parse('2026-01-04T11:59Z')],
    );
    await world.run(['tracks', 'ann.csv', '--out', 'bulk', '--workers', '1']);
    for (const file of ['tracks.json', 'tracks.geojson', 'tracks.gpx'])
      assert.is(world.read(`out/ann/${file}`), world.read(`bulk/${file}`));

    const listed = await world.run(['sessions', 'out', '--job', 'tracks-daily', '--json']);
    const [newest] = JSON.parse(listed.stdout) as { key: string; metadata: Record<string, unknown> }[];
    assert.is(newest?.key, 'ann');
    assert.equal([newest?.metadata.user, newest?.metadata.settings], ['ann', { mode: 'incremental' }]);
  },
  patience,
);

test(
  'a user whose file is gone fails alone, and is tried again by the next run',
  async () => {
    using world = cliWorld();
    mkdirSync(world.path('people/dan'), { recursive: true });
    mkdirSync(world.path('people/eve'));
    mkdirSync(world.path('people/.git'));
    mkdirSync(world.path('people/fay'));
    world.write('people/dan/a.csv', header + walk(days[0]));
    world.write('people/dan/settings.json', '{ "formats": ["json"] }');
    world.write('people/eve/broken.csv', '\0\0\0\0');
    assert.equal((await once(world, 1, 'people')).map(brief), ['dan completed 1/1', 'eve failed', 'fay no files']);
    world.write('people/eve/broken.csv', header + walk(days[1]));
    assert.equal((await once(world, 0, 'people')).map(brief), ['dan nothing new', 'eve completed 1/1', 'fay no files']);
  },
  patience,
);

test(
  'runs at the times of its pattern until it is told to stop, and the next call goes on with what a killed one left',
  async () => {
    using world = cliWorld();
    users(world);
    const daily = ['tracks', '--mode', 'daily', 'users.json', '--out', 'out', '--cron', '* * * * * *', '--workers', '1'];
    const first = world.start(daily);
    await first.says('ann: 3 tracks until 2026-01-03 11:59:00, 3 of 3 chunks computed.');
    appendFileSync(world.path('ann.csv'), walk('2026-01-04'));
    await first.says('ann: 4 tracks until 2026-01-04 11:59:00');
    appendFileSync(world.path('ann.csv'), walk('2026-01-05'));
    await first.until(() => existsSync(world.path('out/ann/.millrace')));
    first.process.kill('SIGKILL');
    await first.ended();
    const second = world.start(daily);
    await second.until(() => readFileSync(world.path('out/ann/tracks.json'), 'utf8').includes('1767614340'));
    second.process.kill('SIGINT');
    assert.is((await second.ended()).code, 130);
    const left = await world.run(['schedules', 'out', '--json']);
    const [schedule] = JSON.parse(left.stdout) as { name: string; cron: string; zone: string; ticks: { state: string }[] }[];
    assert.equal([schedule?.name, schedule?.cron, schedule?.zone], ['tracks-daily', '* * * * * *', 'Europe/Berlin']);
    assert.ok((schedule?.ticks.length ?? 0) > 0);
  },
  patience,
);

test('a config that makes no sense is refused by what is wrong with it', () => {
  using world = cliWorld();
  const refused = (users: unknown, said: string): void => {
    const file = world.write('users.json', typeof users === 'string' ? users : JSON.stringify(users));
    assert.throws(
      () => readUsers(file),
      (error: Error) => error.message.includes(said),
      said,
    );
  };
  const ann = { name: 'ann', files: ['a.csv'] };
  refused('{', "can't be read as JSON");
  refused([], 'must be an object');
  refused({}, 'users.json: users must be a list');
  refused({ users: [ann], time: 'now' }, 'users.json: time');
  refused({ users: [ann], cron: 7 }, 'users.json: cron must be');
  refused({ users: [ann, ann] }, 'each name stands once');
  refused({ users: [{ ...ann, name: '../ann' }] }, 'users[0].name must be');
  refused({ users: [ann, { name: 'bob', files: [] }] }, 'users[1].files must be');
  refused({ users: [{ ...ann, files: [7] }] }, 'users[0].files[0] must be');
  refused({ users: [{ ...ann, status: 'gone' }] }, 'users[0].status must be one of active, trial, inactive');
  refused({ users: [{ ...ann, settings: { gapp: 1 } }] }, 'gapp');
  refused({ users: [{ ...ann, settings: { gap: 'soon' } }] }, 'gap must be');
  assert.throws(() => readUsers(world.path('nowhere')), 'There is no config of users');
});

test(
  'a call that makes no sense ends before anything runs',
  async () => {
    using world = cliWorld();
    users(world);
    const calls = [
      [['--mode', 'daily', 'users.json', 'more.json'], 'takes one config'],
      [['--mode', 'daily', 'users.json', '--store', 'memory'], 'needs a store that lasts'],
      [['--mode', 'daily', 'users.json', '--cron', 'now'], 'schedule: cron must be'],
      [['--mode', 'daily', 'users.json', '--dwell-time', '2d'], 'dwellTime must be'],
      [['ann.csv', '--once'], '--once is for --mode daily'],
    ] as const;
    const ended = await Promise.all(calls.map(([args]) => world.run(['tracks', ...args])));
    for (const [place, { code, stderr }] of ended.entries()) {
      assert.is(code, 2, stderr);
      assert.ok(stderr.includes(calls[place]?.[1] ?? '-'), stderr);
    }
    assert.not.ok(existsSync(world.path('tracks/.millrace/runs.db')));
  },
  patience,
);

test.run();
