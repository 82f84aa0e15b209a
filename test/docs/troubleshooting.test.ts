import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';

const test = suite('troubleshooting page');
const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/troubleshooting.md', root), 'utf8');

function recordedCodes(): readonly string[] {
  const source = readFileSync(new URL('src/model/errors.ts', root), 'utf8');
  const union = /export type ErrorCode =([^;]*);/.exec(source)?.[1] ?? '';
  return (union.match(/'[A-Z_]+'/g) ?? []).map((code) => code.slice(1, -1)).sort();
}

/** The text below each heading that is a code. */
function sections(): ReadonlyMap<string, string> {
  const parts = page.split(/^#{2,3} /m).slice(1);
  return new Map(
    parts
      .map((part) => [part.split('\n', 1)[0]?.trim() ?? '', part.slice(part.indexOf('\n')).trim()] as const)
      .filter(([title]) => /^[A-Z]+(_[A-Z]+)*$/.test(title)),
  );
}

test('has a heading for every error code, and for no other', () => {
  const codes = recordedCodes();
  assert.ok(codes.length > 20, 'the codes are read from the source');
  assert.equal([...sections().keys()].sort(), codes);
});

test('says for every code what happened, why, and what to do', () => {
  for (const [code, text] of sections()) {
    for (const word of ['**What**', '**Why**', '**Do**']) assert.ok(text.includes(word), `${code} lacks ${word}`);
  }
});

test('has sections on connections, memory and intermittent failures', () => {
  for (const title of ['Connections', 'Memory', 'Intermittent failures']) assert.match(page, new RegExp(`^## ${title}`, 'm'));
});

test.run();
