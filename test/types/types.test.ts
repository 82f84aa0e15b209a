import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';

const test = suite('types');

const root = fileURLToPath(new URL('../../', import.meta.url));
const compiler = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));

test('what must and must not compile is read by the compiler: `npm run types` fails with it', () => {
  const listed = execFileSync(process.execPath, [compiler, '-p', root, '--listFilesOnly'], { encoding: 'utf8' });
  const read = new Set(listed.split('\n').map((line) => line.trim().replaceAll('\\', '/')));
  const here = readdirSync(new URL('./', import.meta.url)).filter((name) => name.endsWith('.ts'));
  assert.ok(here.length >= 5);
  for (const name of here)
    assert.ok(
      [...read].some((path) => path.endsWith(`test/types/${name}`)),
      `${name} is not checked`,
    );
});

test.run();
