import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as assert from 'uvu/assert';
import { sqlite } from '../../src/adapters/stores/sqlite.ts';
import type { AnyCommand } from '../../src/cli/arguments/command.ts';
import { command as resume } from '../../src/cli/commands/resume.ts';
import { command as run } from '../../src/cli/commands/run.ts';
import { command as sessions } from '../../src/cli/commands/sessions.ts';
import { command as show } from '../../src/cli/commands/show.ts';
import { command as tracks } from '../../src/cli/commands/tracks.ts';
import { writeResult } from '../../src/cli/write-result.ts';
import type { MillraceError } from '../../src/model/errors.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { cliWorld } from '../cli/support/cli-world.ts';
import { suite } from '../support/suite.ts';
import { callCommand } from './cli-call.ts';

/** A command reads and writes what its user names and may: nothing that is no file, nothing behind a name that means something else. */
const test = suite('arguments of the command');

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-arguments-')));
const at = (name: string): string => join(folder, name);

test.before(() => {
  mkdirSync(at('folder'));
  writeFileSync(at('a.csv'), 'timestamp,lat,lon\n2025-01-01T00:00:00Z,1,1\n');
  writeFileSync(at('job.mjs'), 'export default 1;');
  writeFileSync(at('..%2fa.csv'), 'kept');
  symlinkSync(at('loop-b'), at('loop-a'));
  symlinkSync(at('loop-a'), at('loop-b'));
  symlinkSync(at('not-there'), at('dangling'));
  symlinkSync('/dev/zero', at('zero'));
  if (process.platform !== 'win32') execFileSync('mkfifo', [at('pipe')]);
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** Names that are no file: none may be read for ever, none may be created. */
const noFiles = [
  'pipe',
  'zero',
  'loop-a',
  'dangling',
  'folder',
  'missing',
  'a\0.csv',
  '%2e%2e%2fa.csv',
  '../millrace-not-there/a.csv',
].map(at);
const devices = ['/dev/zero', '/dev/null', '/dev/stdin', '/dev/tty', '/dev/full'];
const urls = [
  pathToFileURL(at('a.csv')).href,
  'http://127.0.0.1:9/a',
  'data:text/csv,timestamp',
  'node:fs',
  'constructor',
  '__proto__',
];
const hostile = [...noFiles, ...devices, ...urls];

const onLinuxOnly = process.platform === 'linux' ? undefined : 'devices and pipes of Linux';

/** Each place of a command line that takes a file. */
const places: Readonly<Record<string, readonly [command: AnyCommand, args: (name: string) => readonly string[]]>> = {
  'an input of tracks': [tracks, (name) => [name, '--out', at('out')]],
  'a job of run': [run, (name) => [name]],
  'an input file of run': [run, (name) => [at('job.mjs'), '--input', `@${name}`]],
  'a job of resume': [resume, (name) => [at('out'), '--job', name]],
  'a store to list': [sessions, (name) => [`sqlite:${name}`]],
  'a store to show': [show, (name) => [`sqlite:${name}`]],
  'a folder to show': [show, (name) => [name]],
  'a store to resume': [resume, (name) => [`sqlite:${name}`]],
};

for (const [place, [command, args]] of Object.entries(places)) {
  test.unless(onLinuxOnly, `${place} that is no file is refused at once, and nothing is made of it`, async () => {
    const before = readdirSync(folder).sort();
    for (const name of hostile) {
      const { code, text } = await callCommand(command, args(name));
      assert.is(code, 2, `${JSON.stringify(name)}: ${text}`);
      assert.not.match(text, 'hangs');
      assert.ok(text.trim().length > 10, name);
    }
    assert.equal(readdirSync(folder).sort(), before);
  });
}

test.unless(onLinuxOnly, 'a store of a run that is no file is refused by the store itself', async () => {
  for (const name of [...noFiles.filter((one) => !/missing|%2e|not-there/.test(one)), ...devices]) {
    const error = await Promise.resolve()
      .then(() => sqlite(name).open())
      .then(
        () => undefined,
        (thrown: MillraceError) => thrown,
      );
    assert.is(error?.code, 'STORE_FAILED', JSON.stringify(name));
  }
  assert.not.ok(existsSync(at('not-there')));
});

test('a refusal names the place that was looked at, without steps back', async () => {
  for (const [command, args] of [
    [run, ['folder/../../elsewhere/job.mjs']],
    [show, ['sqlite:folder/../../elsewhere/runs.db']],
  ] as const) {
    const { text } = await callCommand(command, args);
    assert.match(text, join(process.cwd(), '..', 'elsewhere'));
  }
});

test('a link in place of result.json is replaced, not followed', () => {
  const [victim, out] = [at('victim.txt'), at('linked')];
  writeFileSync(victim, 'kept');
  mkdirSync(out);
  symlinkSync(victim, join(out, 'result.json'));
  const outcome = { status: 'completed', sessionId: 'id', result: [new BigInt64Array([1n]), '\u009b'] };
  symlinkSync(victim, join(out, 'result.json.tmp-id'));
  writeResult(out, outcome as unknown as Outcome<unknown>);
  assert.is(readFileSync(victim, 'utf8'), 'kept');
  assert.equal(JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')), [['1'], '\u009b']);
});

test('names that every object has are no commands and no options', async () => {
  using world = cliWorld();
  const ended = await Promise.all(
    [
      ['constructor'],
      ['__proto__'],
      ['toString', 'x'],
      ['show', '--constructor'],
      ['show', '--__proto__=1'],
      ['sessions', '--toString', 'x'],
    ].map((args) => world.run(args)),
  );
  for (const { code, stderr } of ended) {
    assert.is(code, 2);
    assert.match(stderr, /There is no command|has no option/);
    assert.not.match(stderr, /\n {4}at /);
  }
});

test.run();
