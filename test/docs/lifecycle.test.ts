import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { lifecyclePage, lifecyclePath } from '../../scripts/lifecycle.ts';
import { batchMoves, sessionMoves } from '../../src/model/moves.ts';
import { suite } from '../support/suite.ts';

const test = suite('docs/lifecycle.md');

test('is what the charts say; after a change run: node --import tsx scripts/lifecycle.ts', () => {
  assert.fixture(readFileSync(lifecyclePath, 'utf8'), lifecyclePage());
});

test('draws and lists every legal move', () => {
  const page = lifecyclePage();
  for (const { from, event, to } of [...batchMoves, ...sessionMoves]) {
    assert.ok(page.includes(`| ${from} | ${event} | ${to} |`), `row ${from} ${event} ${to}`);
    assert.ok(page.includes(`${from.replace('.', '_')} --> ${to.replace('.', '_')} : ${event}`), `arrow ${from} ${event} ${to}`);
  }
});

test.run();
