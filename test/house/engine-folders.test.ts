import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';

const engine = fileURLToPath(new URL('../../src/engine', import.meta.url));

/** The folders of the engine, each before those that may import it: docs/architecture.md says what they hold. */
const order = [
  'ports',
  'notify',
  'api',
  'cut',
  'live',
  'queue',
  'run',
  'end',
  'session',
  'host',
  'handle',
  'start',
  'schedules',
] as const;

/** The folder of the engine that a file lies in; empty for `engine.ts` itself. */
function folderOf(file: string): string {
  return relative(engine, file).split(sep).slice(0, -1).join('/');
}

function arrows(): Set<string> {
  const found = new Set<string>();
  for (const name of readdirSync(engine, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))) {
    const file = join(engine, name);
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/from '(\.{1,2}\/[^']+)'/g)) {
      const target = join(dirname(file), path as string);
      if (!target.startsWith(engine + sep)) continue;
      const [from, to] = [folderOf(file), folderOf(target)];
      if (from !== to) found.add(`${from} -> ${to}`);
    }
  }
  return found;
}

const test = suite('folders of the engine');

test('each has its place, and imports only from those before it', () => {
  const placeOf = (folder: string): number => (folder === '' ? order.length : order.indexOf(folder as (typeof order)[number]));
  const wrong = [...arrows()].filter((arrow) => {
    const [from = '', to = ''] = arrow.split(' -> ');
    return placeOf(from) < 0 || placeOf(to) < 0 || placeOf(to) >= placeOf(from);
  });
  assert.equal(wrong, []);
});

test('the page on the architecture lists them in this order', () => {
  const page = readFileSync(fileURLToPath(new URL('../../docs/architecture.md', import.meta.url)), 'utf8');
  const listed = [...page.matchAll(/^\| `([a-z]+)` \|/gm)].map(([, folder]) => folder);
  assert.equal(listed, [...order]);
});

test.run();
