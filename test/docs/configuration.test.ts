import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { configurationPage, environmentVariables } from '../../scripts/configuration.ts';
import { readMembers } from '../../scripts/read-members.ts';
import { sourceFiles } from '../support/source-files.ts';
import { suite } from '../support/suite.ts';

const test = suite('configuration page');
const root = new URL('../../', import.meta.url);

test('says what the option types say; run `npm run docs` after changing one', () => {
  assert.fixture(readFileSync(new URL('docs/configuration.md', root), 'utf8'), configurationPage());
});

test('has words for every option', () => {
  const silent = configurationPage()
    .split('\n')
    .filter((line) => line.startsWith('| `') && /\|\s*\|$/.test(line));
  assert.equal(silent, []);
});

test('names every environment variable of ours that the source reads, and no other', () => {
  const text = sourceFiles('src').map(({ text: source }) => source.replace(/\/\*[\s\S]*?\*\//g, ''));
  const read = new Set(text.flatMap((source) => source.match(/\bMILLRACE_[A-Z_]+\b/g) ?? []));
  assert.equal([...read].sort(), environmentVariables.map(({ name }) => name).sort());
});

test('reads a member with its comment, type and default', () => {
  const source =
    "export interface A<T> extends B {\n  /**\n   * Two\n   * lines; with `a }`. @default 'x'\n   */\n  a?: 'x' | \"y\";\n}";
  const [member] = readMembers(source, 'A');
  assert.equal(member, {
    name: 'a',
    optional: true,
    type: '\'x\' | "y"',
    text: 'Two lines; with `a }`.',
    defaultValue: "'x'",
    members: [],
  });
});

test('reads functions, types in place and members without a comment', () => {
  const source =
    'interface A {\n  f: (a: { b: number; c: string }) => void;\n  /** In. */\n  in?: { /** X. @default 1 */ x?: number; y: string };\n}\ninterface B { z: 1 }';
  const members = readMembers(source, 'A');
  assert.equal(
    members.map(({ name }) => name),
    ['f', 'in'],
  );
  assert.is(members[0]?.type, '(a: { b: number; c: string }) => void');
  assert.equal(
    members[1]?.members.map(({ name, text, defaultValue }) => [name, text, defaultValue]),
    [
      ['x', 'X.', '1'],
      ['y', '', undefined],
    ],
  );
});

test('refuses to read an interface that is not there', () => {
  assert.throws(() => readMembers('interface A {}', 'B'), /no interface B/);
});

test.run();
