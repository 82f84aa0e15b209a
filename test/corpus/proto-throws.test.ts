import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';

const test = suite('corpus: with --disable-proto=throw');

const root = fileURLToPath(new URL('../../', import.meta.url));
const inside = 'MILLRACE_CORPUS_INSIDE';

/** Node then throws wherever code reads or writes `__proto__` as a property: nothing of ours may do so, whatever comes in. */
test.unless(
  process.env[inside] === undefined ? undefined : 'it runs there already',
  'items, results, callbacks, options and histories end as without it',
  async () => {
    const args = [
      '--disable-proto=throw',
      '--import',
      'tsx',
      'node_modules/uvu/bin.js',
      'test',
      'corpus/(items|results|callbacks|options|histories)|security/pollution',
    ];
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, [inside]: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (text += part));
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.is(code, 0, text);
    assert.match(text, /Passed:\s+[4-9]\d/);
  },
  { timeoutMs: 180_000 },
);

test.run();
