import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { cliWorld } from './support/cli-world.ts';

const test = suite('millrace shadow');
/** Each command is a process that loads the engine from its sources. */
const patience = { timeoutMs: 120_000 };

const job = `import { byCount, defineJob, defineWork } from 'millrace';
const work = defineWork({ each: (row) => row });
export default defineJob(work, { name: 'rows', source: (input) => input, chunk: byCount(2), combine: (left, right) => left + right });
`;

test(
  'makes a pair of two stores, fills the new one, changes over, and back',
  async () => {
    using world = cliWorld();
    world.write('rows.mjs', job);
    const ask = async (expected: number, ...args: string[]) => {
      const { code, stdout, stderr } = await world.run(args);
      assert.is(code, expected, `${args.join(' ')}: ${stderr}`);
      return { stdout, stderr };
    };
    const pair = ['sqlite:old.db', 'sqlite:new.db'];
    const [, absent, unknown, wrong] = await Promise.all([
      ask(0, 'run', 'rows.mjs', '--input', '[1,2,3,4,5]', '--store', 'sqlite:old.db'),
      ask(2, 'shadow', 'status', 'sqlite:absent.db', 'sqlite:new.db'),
      ask(2, 'shadow', 'swap', ...pair),
      ask(2, 'shadow', 'promote', ...pair, '--threshold', '99'),
    ]);
    assert.match(absent.stderr, 'There is no file');
    assert.match(unknown.stderr, /no action swap; there are status, compare/);
    assert.match(wrong.stderr, /--threshold takes a number from 0 to 1/);

    assert.match((await ask(0, 'shadow', 'promote', ...pair)).stdout, /^stage +shadow\ndecides +old\nhosts +0\n/);
    const missing = await ask(1, 'shadow', 'compare', ...pair, '--limit', '1');
    assert.match(
      missing.stdout,
      /^TABLE +ROWS +EQUAL[\s\S]*\nsessions +1 +0 +1 +0 +0\n[\s\S]*Ratio 0\.000000\.[\s\S]*\nmissing +\w+[\s\S]*more \(--limit\)\.\n$/,
    );
    assert.match(
      (await ask(3, 'shadow', 'promote', ...pair)).stderr,
      /SHADOW_REFUSED: The pair stays in the stage shadow: \d+ of \d+ rows differ/,
    );
    const mended = JSON.parse((await ask(0, 'shadow', 'compare', ...pair, '--repair', '--json')).stdout);
    assert.equal([mended.ratio, mended.differences], [1, []]);

    const { epoch, ...promoted } = JSON.parse((await ask(0, 'shadow', 'promote', ...pair, '--json')).stdout);
    assert.equal(promoted, { stage: 'primary', moving: null, decides: 'new', hosts: 0 });
    assert.ok(epoch > 1);
    const [refused, sessions] = await Promise.all([
      ask(3, 'run', 'rows.mjs', '--input', '[1]', '--store', 'sqlite:old.db'),
      ask(0, 'sessions', 'sqlite:new.db'),
    ]);
    assert.match(refused.stderr, 'SHADOW_STAGE');
    assert.match(sessions.stdout, /completed/);
    assert.is(JSON.parse((await ask(0, 'shadow', 'demote', ...pair, '--json')).stdout).decides, 'old');
  },
  patience,
);

test.run();
