import * as assert from 'uvu/assert';
import { clockTime, diskSpace, findingOf, nodeVersion } from '../../src/cli/doctor/checks.ts';
import { suite } from '../support/suite.ts';
import { type CliWorld, cliWorld } from './support/cli-world.ts';

const test = suite('millrace queue, dead-letters, health, prune and doctor');
/** Each command is a process that loads the engine from its sources. */
const patience = { timeoutMs: 90_000 };

const rows = `import { existsSync } from 'node:fs';
import { byCount, defineJob, defineWork } from 'millrace';
const work = defineWork({
  each: (row) => {
    if (row % 2 === 0 && !existsSync('mended')) throw new Error(\`row \${row} is bad\`);
    return row;
  },
});
export default defineJob(work, {
  name: 'rows', source: (input) => input, chunk: byCount(2), combine: (left, right) => left + right, key: () => 'all', retry: { attempts: 1 },
});
`;

/** A run of five rows, of which 2 and 4 failed, kept in the folder \`out\`. */
async function withRun(): Promise<{ readonly world: CliWorld; readonly id: string }> {
  const world = cliWorld();
  world.write('rows.mjs', rows);
  const ended = await world.run(['run', 'rows.mjs', '--input', '[1,2,3,4,5]', '--out', 'out', '--json']);
  assert.is(ended.code, 1, ended.stderr);
  return { world, id: JSON.parse(ended.stdout).sessionId };
}

test(
  'answer questions as text and as JSON',
  async () => {
    const { world, id } = await withRun();
    using _ = world;
    const ask = async (...args: string[]) => {
      const { code, stdout, stderr } = await world.run(args);
      assert.is(code, 0, stderr);
      return stdout;
    };
    const [stats, failures, chain, newest, verify, stuck, depth, notifications, health] = await Promise.all([
      ask('queue', 'out', 'stats'),
      ask('queue', 'out', 'failures', '--session', id.slice(0, 8), '--json'),
      ask('queue', 'out', 'chain', 'rows:all#1', '--json'),
      ask('queue', 'out', 'newest', '--limit', '2', '--json'),
      ask('queue', 'out', 'verify', '--session', id),
      ask('queue', 'out', 'stuck'),
      ask('queue', 'out', 'depth'),
      ask('queue', 'out', 'notifications', '--json'),
      ask('health', 'out', '--waiting-after', '1h', '--json'),
    ]);
    assert.match(stats, /^JOB +VERSION +SESSIONS[\s\S]*\nrows +1 +1 +3\/5 +2 /);
    const [group] = JSON.parse(failures);
    assert.equal([group.message, group.items, group.examples], ['row <n> is bad', 2, ['1', '3']]);
    assert.equal([JSON.parse(chain)[0].number, JSON.parse(newest).length], [1, 2]);
    assert.match(verify, /The counts are what the rows say\.\n$/);
    assert.is(stuck, 'Nothing is stuck.\n');
    assert.equal([depth, JSON.parse(notifications)], ['Nothing waits.\n', []]);
    assert.equal([JSON.parse(health).verdict, JSON.parse(health).crashed], ['healthy', 0]);
  },
  patience,
);

test(
  'list dead letters, replay them after a fix, purge them, and prune the session',
  async () => {
    const { world, id } = await withRun();
    using _ = world;
    const listed = JSON.parse((await world.run(['dead-letters', 'out', '--json'])).stdout);
    assert.equal(
      listed.map(({ itemId, error }: { itemId: string; error: { message: string } }) => [itemId, error.message]),
      [
        ['1', 'row 2 is bad'],
        ['3', 'row 4 is bad'],
      ],
    );
    const text = await world.run(['dead-letters', 'out', id.slice(0, 8), 'list', '--group', 'row <n> is bad']);
    assert.match(text.stdout, /^ITEM +ITEMS[\s\S]*\n1 +1 +0 +1[\s\S]*row <n> is bad\n3 /);
    const unknown = await world.run(['dead-letters', 'out', 'replay', '--group', 'no such']);
    assert.equal([unknown.code, /Nothing in session .* failed with "no such"/.test(unknown.stderr)], [2, true]);
    const jobless = await world.run(['dead-letters', 'out', 'replay']);
    assert.equal([jobless.code, /JOB_NOT_REGISTERED.*--job JOB\.ts/.test(jobless.stderr)], [2, true]);

    world.write('mended', '');
    const replay = ['dead-letters', 'out', 'replay', '--item', '1', '--job', 'rows.mjs'];
    const one = await world.run(replay);
    assert.equal([one.code, one.stdout], [1, '11\n'], one.stderr);
    assert.is(JSON.parse(world.read('out/result.json')), 11);
    const purged = await world.run(['dead-letters', 'out', 'purge', '--json']);
    assert.equal(JSON.parse(purged.stdout), { sessionId: id, purged: 1 });
    assert.is((await world.run(['dead-letters', 'out'])).stdout, `Session ${id} has no such dead letters.\n`);

    const none = await world.run(['prune', 'out', '--older-than', '1d']);
    assert.equal([none.code, none.stdout], [0, '0 sessions were deleted.\n']);
    assert.is((await world.run(['prune', 'out', '--session', id.slice(0, 6)])).stdout, '1 session was deleted.\n');
    assert.is((await world.run(['prune', 'out'])).code, 2);
  },
  patience,
);

test(
  'end with 1 on an alert of the health: more crashed than may',
  async () => {
    using world = cliWorld();
    world.write(
      'exits.work.mjs',
      `import { defineWork } from 'millrace';\nexport default defineWork({ each: () => process.kill(process.pid, 'SIGKILL') });`,
    );
    world.write(
      'exits.mjs',
      `import { byCount, defineJob, workModule } from 'millrace';
export default defineJob(workModule(new URL('./exits.work.mjs', import.meta.url)), {
  name: 'exits', source: (input) => input, chunk: byCount(1), retry: { attempts: 1 }, poison: 'fail', executor: 'processes',
});
`,
    );
    await world.run(['run', 'exits.mjs', '--input', '[1]', '--out', 'out', '--workers', '1']);
    const health = await world.run(['health', 'out']);
    assert.is(health.code, 1, health.stdout);
    assert.match(health.stdout, /verdict +alert\nalert +100\.0 % of \d attempts crashed/);
    assert.match((await world.run(['queue', 'out', 'crashed'])).stdout, /^SESSION +JOB +BATCH[\s\S]*exits +0 +0 +crashed\.dead/);
  },
  patience,
);

test(
  'refuse questions that do not exist, and stores that are not there',
  async () => {
    using world = cliWorld();
    const [none, odd, chain] = await Promise.all([
      world.run(['health', 'nowhere']),
      world.run(['queue', 'nowhere', 'constructor']),
      world.run(['dead-letters', 'nowhere', 'a', 'b']),
    ]);
    assert.equal([none.code, odd.code, chain.code], [2, 2, 2]);
    assert.match(odd.stderr, /There is no question constructor; there are stats, active/);
    assert.match(chain.stderr, /There is no action b; there are list, replay, purge/);
  },
  patience,
);

test(
  'tell whether this machine has what is needed, and what to do where it has not',
  async () => {
    using world = cliWorld();
    const { code, stdout, stderr } = await world.run(['doctor', '--json']);
    assert.is(code, 0, stderr + stdout);
    const { verdict, findings } = JSON.parse(stdout);
    assert.is(verdict, 'ok');
    const names = ['node', 'sqlite', 'cores', 'threads', 'processes', 'folder', 'temp folder', 'disk', 'clock'];
    assert.equal(
      findings.map(({ name }: { name: string }) => name),
      names,
    );
    const bad = await world.run(['doctor', 'not-there']);
    assert.is(bad.code, 3);
    assert.match(bad.stdout, /bad +folder +.*ENOENT[\s\S]*fix: Make .*not-there a folder[\s\S]*checks are bad\./);
  },
  patience,
);

test('a check that finds something bad says what to do', async () => {
  const found = [nodeVersion('18.20.0'), diskSpace({ bavail: 10, bsize: 1024 }), clockTime(0), nodeVersion('20.18.9')];
  assert.equal(
    found.map(({ status, fix }) => [status, fix !== undefined]),
    Array(4).fill(['bad', true]),
  );
  assert.is(diskSpace({ bavail: 500 * 1024, bsize: 1024 }).status, 'note');
  assert.equal(
    [nodeVersion('20.19.0'), nodeVersion('22.0.0')].map(({ status }) => status),
    ['ok', 'ok'],
  );
  const broken = { name: 'x', fix: 'mend it', look: () => Promise.reject(new Error('no luck')) };
  assert.equal(await findingOf(broken), { name: 'x', status: 'bad', found: 'no luck', fix: 'mend it' });
});

test.run();
