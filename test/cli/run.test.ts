import { existsSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { type CliWorld, cliWorld } from './support/cli-world.ts';
import { writeGatedJob } from './support/gated-job.ts';

const test = suite('millrace run');
/** Each command is a process that loads the engine from its sources. */
const patience = { timeoutMs: 60_000 };

/** The word count of the examples, in the test's own folder. */
function copyExample(world: CliWorld): string {
  world.copy('examples/word-count/word-count.work.ts');
  return world.copy('examples/word-count/word-count.ts');
}

test(
  'prints the result of a job as JSON on stdout, and nothing else there',
  async () => {
    using world = cliWorld();
    const example = copyExample(world);
    const file = world.write('text.txt', 'one two\nthree\n');
    const { code, stdout, stderr } = await world.run(['run', example, '--input', JSON.stringify({ file })]);
    assert.is(code, 0, stderr);
    assert.equal(JSON.parse(stdout), { words: 3, lines: 2 });
    assert.match(stderr, /^progress {2}\S+ {2}started\n$/);
  },
  patience,
);

test(
  'takes the input from a file, keeps result and store in --out, and tells all with --json',
  async () => {
    using world = cliWorld();
    const example = copyExample(world);
    world.write('input.json', JSON.stringify({ file: world.write('text.txt', 'a b\nc\u0000d\ne\n') }));
    const ended = await world.run([
      'run',
      example,
      '--input',
      '@input.json',
      '--out',
      'counts',
      '--json',
      '--executor',
      'inline',
    ]);
    assert.is(ended.code, 1, 'an item was given up');
    const outcome = JSON.parse(ended.stdout);
    assert.is(outcome.status, 'completed');
    assert.equal(outcome.result, { words: 3, lines: 2 });
    assert.is(outcome.counts.items.failed, 1);
    assert.match(ended.stderr, /1 failed \(permanent\): not text; such as 1/);
    assert.equal(JSON.parse(world.read('counts/result.json')), { words: 3, lines: 2 });

    const shown = await world.run(['show', 'counts', '--json']);
    assert.is(shown.code, 0);
    const session = JSON.parse(shown.stdout);
    assert.is(session.id, outcome.sessionId);
    assert.is(session.deadLetters[0].itemId, '1');
    assert.equal(session.attempts, { completed: 1 });
    const text = await world.run(['show', 'counts', session.id.slice(0, 8)]);
    assert.match(text.stdout, /Dead letters\nITEM +BATCH +ATTEMPTS +ERROR\n1 +0 +1 +permanent: not text/);
  },
  patience,
);

test(
  'ends with 3 when the session fails, and says why',
  async () => {
    using world = cliWorld();
    const example = copyExample(world);
    const { code, stdout, stderr } = await world.run(['run', example, '--input', '{"file":"not-there.txt"}']);
    assert.is(code, 3);
    assert.is(stdout, '');
    assert.match(stderr, /SOURCE_FAILED: .*not-there\.txt/);
  },
  patience,
);

test(
  'loads a TypeScript job with imports of its own and top-level await, in threads',
  async () => {
    using world = cliWorld();
    writeGatedJob(world);
    world.write('go', '');
    const { code, stdout, stderr } = await world.run(['run', 'gated.ts', '--input', '{"items":4}', '--workers', '2']);
    assert.is(code, 0, stderr);
    assert.equal(JSON.parse(stdout), { sum: 12, folder: true });
  },
  patience,
);

test(
  'refuses input that is no JSON, a module without a job, and a choice that it has to make',
  async () => {
    using world = cliWorld();
    const example = copyExample(world);
    const refused = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await world.run(['run', ...args]);
      assert.is(code, 2, stderr);
      assert.is(stdout, '');
      return stderr;
    };
    assert.match(await refused(example, '--input', '{file}'), /--input takes JSON, or @FILE/);
    assert.match(await refused('no-such-job.ts'), /There is no job module no-such-job\.ts/);
    assert.match(await refused(world.write('empty.ts', 'export const nothing = 1;\n')), /exports no job/);
    const two = world.write(
      'two.ts',
      `import { wordCount } from './word-count.ts';\nexport { wordCount as a, wordCount as b };\n`,
    );
    assert.match(await refused(two), /exports several jobs: choose one with --export a\|b/);
    assert.match(await refused(two, '--export', 'c'), /no job called c; it exports a, b/);
    assert.match(await refused(world.write('throws.ts', "throw new Error('boom');\n")), /WORK_MODULE: .*boom/);
  },
  patience,
);

test(
  'drains on the first SIGINT, says how to go on, and resume runs only what is left',
  async () => {
    using world = cliWorld();
    writeGatedJob(world);
    const args = ['run', 'gated.ts', '--input', '{"items":5}', '--workers', '1', '--out', 'kept'];
    const command = world.start(args);
    await command.until(() => existsSync(world.path('ran')));
    command.process.kill('SIGINT');
    await command.says('Stopping.');
    world.write('go', '');
    const { code, stdout, stderr } = await command.ended();
    assert.is(code, 130);
    assert.is(stdout, '');
    const id = /millrace resume kept (\S+) --job gated\.ts/.exec(stderr)?.[1] ?? '';
    assert.is.not(id, '', stderr);
    const before = world.read('ran');
    assert.match((await world.run(['sessions', 'kept'])).stdout, /gated +left /, 'it did not crash');
    assert.match((await world.run(['show', 'kept', id])).stdout, /left \(.*millrace resume goes on with it/);

    const other = await world.run(['resume', 'kept', id, '--job', 'gated.ts'], { JOB_VERSION: '2' });
    assert.is(other.code, 3);
    assert.match(other.stderr, /JOB_CHANGED/);
    const codeless = await world.run(['resume', 'kept']);
    assert.is(codeless.code, 2);
    assert.match(codeless.stderr, /job gated: .* --job JOB\.ts/);
    assert.is(world.read('ran'), before, 'nothing was run by those');

    const resumed = await world.run(['resume', 'kept', id, '--job', 'gated.ts']);
    assert.is(resumed.code, 0, resumed.stderr);
    assert.equal(JSON.parse(resumed.stdout), { sum: 20, folder: true });
    assert.equal(JSON.parse(world.read('kept/result.json')), { sum: 20, folder: true });
    assert.equal(world.read('ran').trim().split('\n').sort(), ['0', '1', '2', '3', '4'], 'each item ran once');
  },
  patience,
);

test(
  'stops at once on the second SIGINT, and what was running runs again on resume',
  async () => {
    using world = cliWorld();
    writeGatedJob(world);
    const command = world.start(['run', 'gated.ts', '--input', '{"items":3}', '--store', 'sqlite:runs.db', '--out', 'o']);
    await command.until(() => existsSync(world.path('ran')));
    command.process.kill('SIGINT');
    await command.says('Stopping.');
    command.process.kill('SIGINT');
    const { code, stderr } = await command.ended();
    assert.is(code, 130);
    assert.match(stderr, /Stopped at once\. To go on: millrace resume sqlite:runs\.db .* --out o/);
    world.write('go', '');
    const resumed = await world.run(['resume', 'sqlite:runs.db', '--job', 'gated.ts', '--out', 'o']);
    assert.is(resumed.code, 0, resumed.stderr);
    assert.equal(JSON.parse(world.read('o/result.json')), { sum: 6, folder: true });
    assert.equal(JSON.parse(resumed.stdout), { sum: 6, folder: true });
  },
  patience,
);

test(
  'ends in order when its terminal is closed: SIGHUP comes, and what it says is read by nobody',
  async () => {
    using world = cliWorld();
    writeGatedJob(world);
    const command = world.start(['run', 'gated.ts', '--input', '{"items":3}', '--workers', '1', '--out', 'kept']);
    await command.until(() => existsSync(world.path('ran')));
    command.process.kill('SIGHUP');
    await command.says('Stopping.');
    command.process.stderr?.destroy();
    command.process.stdout?.destroy();
    world.write('go', '');
    assert.is((await command.ended()).code, 129);
    const resumed = await world.run(['resume', 'kept', '--job', 'gated.ts']);
    assert.is(resumed.code, 0, resumed.stderr);
    assert.equal(JSON.parse(world.read('kept/result.json')), { sum: 6, folder: true });
    assert.equal(world.read('ran').trim().split('\n').sort(), ['0', '1', '2'], 'what ran was settled');
  },
  patience,
);

test(
  'keeps nothing without --out and --store, and says so when it is interrupted by SIGTERM',
  async () => {
    using world = cliWorld();
    writeGatedJob(world);
    const command = world.start(['run', 'gated.ts', '--input', '{"items":3}']);
    await command.until(() => existsSync(world.path('ran')));
    command.process.kill('SIGTERM');
    await command.says('Stopping.');
    command.process.kill('SIGTERM');
    const { code, stderr } = await command.ended();
    assert.is(code, 143);
    assert.match(stderr, /kept in memory only/);
    assert.not(existsSync(world.path('.millrace')));
  },
  patience,
);

test.run();
