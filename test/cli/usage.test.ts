import { existsSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { cliWorld } from './support/cli-world.ts';

const test = suite('millrace: usage');

test(
  'says what it is, its version, and the options and examples of each command',
  async () => {
    using world = cliWorld();
    const help = await world.run(['--help']);
    assert.is(help.code, 0);
    assert.is(help.stderr, '');
    const names = [...help.stdout.matchAll(/^ {2}([a-z-]+(?: [a-z]+)?) {2,}/gm)].map((match) => match[1] ?? '');
    const known = ['tracks', 'annotations', 'demo tracks', 'run', 'sessions', 'show', 'resume'];
    assert.equal(
      known.filter((name) => !names.includes(name)),
      [],
    );
    const version = await world.run(['--version']);
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
    const helps = await Promise.all(names.map((name) => world.run([...name.split(' '), '--help'])));
    for (const [place, { code, stdout }] of helps.entries()) {
      assert.is(code, 0);
      assert.match(stdout, `Usage: millrace ${names[place]} `);
      assert.match(stdout, '--json');
      assert.match(stdout, /Examples:\n {2}millrace /);
    }
    for (const [args, usage] of [
      ['demo --help', 'Usage: millrace demo tracks '],
      ['help tracks', 'Usage: millrace tracks '],
      ['--help show', 'Usage: millrace show '],
    ] as const) {
      const { code, stdout } = await world.run(args.split(' '));
      assert.is(code, 0, args);
      assert.match(stdout, usage);
    }
  },
  { timeoutMs: 120_000 },
);

const refusals: readonly (readonly [args: string, expected: RegExp])[] = [
  ['', /A command is needed: tracks, /],
  ['grind', /There is no command grind/],
  ['demo', /There is no command demo; there are tracks, .*demo tracks/],
  ['tracks', /millrace tracks needs FILE\.\.\./],
  ['tracks x.csv --speed 3', /tracks has no option --speed\. It has --gap/],
  ['tracks x.csv -x', /tracks has no option -x/],
  ['tracks x.csv --gap', /--gap needs a value: --gap DURATION/],
  ['tracks x.csv --gap -5m', /--gap needs a value.*--gap=VALUE/],
  ['tracks x.csv --gap=-5m', /--gap takes a number with its unit.*"-5m" was given/],
  ['tracks x.csv --gap 0s', /--gap takes a number with its unit.*from 1ms/],
  ['tracks x.csv --gap 99999999d', /--gap takes.*to 36500d/],
  ['tracks x.csv --jump far', /--jump takes a way above 0, such as 500m or 0\.5km, or off/],
  ['tracks x.csv --jump 0', /--jump takes a way above 0/],
  ['tracks x.csv --rule xor', /--rule takes one of or, and; "xor" was given/],
  ['tracks x.csv --min-points 1.5', /--min-points takes a whole number from 1 to 1000000; "1\.5" was given/],
  ['tracks x.csv --min-points=-2', /--min-points takes a whole number/],
  ['tracks x.csv --chunk whole', /--chunk takes/],
  ['tracks x.csv --chunk 0.5ms', /--chunk takes/],
  ['tracks x.csv --workers 0', /--workers takes a whole number from 1 to 1024/],
  ['tracks x.csv --executor cloud', /--executor takes one of .*processes/],
  ['tracks x.csv --formats json,pdf', /--formats takes one of json, geojson, gpx, report, summary; "pdf" was given/],
  ['tracks x.csv --json=yes', /--json is a switch: it takes no value/],
  ['tracks not-there.csv', /NO_READABLE_INPUT: not-there\.csv can't be read/],
  ['demo tracks --days 0', /--days takes a whole number from 1 to 36500/],
  ['demo tracks --seed 4294967296', /--seed takes a whole number from 0/],
  ['demo tracks extra', /"extra" is too many/],
  ['run', /millrace run needs JOB\.ts/],
  ['sessions', /millrace sessions needs STORE/],
  ['sessions nowhere', /nowhere holds no runs: there is no .*nowhere.\.millrace.runs\.db/],
  ['sessions sqlite:nowhere.db', /There is no file .*nowhere\.db/],
  ['sessions sqlite:', /sqlite: needs a file/],
  ['sessions memory', /memory keeps nothing/],
  ['sessions sqlite:empty.db', /empty\.db is not a store/],
  ['sessions empty.db', /empty\.db is a file.*write sqlite:empty\.db/],
  ['show nowhere', /nowhere holds no runs/],
  ['resume nowhere', /nowhere holds no runs/],
  ['sessions nowhere --status asleep', /--status takes one of/],
];

test(
  'refuses what it can not do with 2 and words on stderr, and leaves nothing behind',
  async () => {
    using world = cliWorld();
    world.write('empty.db', '');
    // In threes: each is a process of its own.
    for (let from = 0; from < refusals.length; from += 3) {
      const some = refusals.slice(from, from + 3);
      const ends = await Promise.all(some.map(([args]) => world.run(args.split(' ').filter((word) => word !== ''))));
      for (const [place, { code, stdout, stderr }] of ends.entries()) {
        const [args, expected] = some[place] ?? [];
        assert.is(code, 2, `${args}: ${stderr}`);
        assert.is(stdout, '', args);
        assert.match(stderr, expected ?? /$^/, args);
        assert.is(stderr.trim().split('\n').length, 1, `${args}: one line, no stack: ${stderr}`);
      }
    }
    for (const name of ['tracks', 'nowhere', 'nowhere.db', 'demo.csv']) assert.not(existsSync(world.path(name)), name);
  },
  { timeoutMs: 120_000 },
);

test('names an error in JSON, when JSON was asked for', async () => {
  using world = cliWorld();
  const { code, stdout, stderr } = await world.run(['tracks', 'not-there.csv', '--json']);
  assert.is(code, 2);
  assert.is(JSON.parse(stdout).error.code, 'NO_READABLE_INPUT');
  assert.match(stderr, /NO_READABLE_INPUT/);
});

test.run();
