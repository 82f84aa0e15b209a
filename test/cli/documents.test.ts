import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { missingData, sharedData } from '../support/shared-data.ts';
import { suite } from '../support/suite.ts';
import { writePdf } from '../support/write-pdf.ts';
import { cliWorld } from './support/cli-world.ts';
import { hasSettled, stored } from './support/stored.ts';

const test = suite('millrace documents');
const patience = { timeoutMs: 90_000 };

test(
  'reads a document into the folder, several into one each, and tells by its exit code what is missing',
  async () => {
    using world = cliWorld();
    writeFileSync(world.path('good.pdf'), writePdf(['All is well.']));
    writeFileSync(world.path('torn.pdf'), writePdf(['One page.', 'broken']));
    world.write('none.pdf', 'not a PDF');

    const one = await world.run(['documents', 'good.pdf', '--out', 'one', '--store', 'memory']);
    assert.is(one.code, 0, one.stderr);
    assert.is(JSON.parse(world.read('one/result.json')).sentences, 1);
    assert.ok(existsSync(world.path('one/summary.json')));

    const several = await world.run(['documents', 'good.pdf', 'torn.pdf', 'none.pdf', '--out', 'several', '--json']);
    assert.is(several.code, 1, several.stderr);
    const { status, documents } = JSON.parse(several.stdout);
    assert.is(status, 'partial');
    assert.equal(
      documents.map((document: { status: string }) => document.status),
      ['completed', 'partial', 'failed'],
    );
    assert.is(JSON.parse(world.read('several/none/result.json')).code, 'invalid_pdf');

    const nothing = await world.run(['documents', 'none.pdf', 'absent.pdf', '--out', 'nothing']);
    assert.is(nothing.code, 3);
    assert.match(nothing.stdout, /absent\.pdf +failed .*file_missing/);
    assert.is((await world.run(['documents', 'good.pdf', '--encoding', 'morse'])).code, 2);
  },
  patience,
);

const bad = 'pdf/bad/needs-password.pdf';

test.unless(
  missingData(bad),
  'opens an encrypted document by its password, and leaves that nowhere',
  async () => {
    using world = cliWorld();
    const locked = await world.run(['documents', sharedData(bad), '--out', 'locked']);
    assert.is(locked.code, 3);
    const opened = await world.run([
      'documents',
      sharedData(bad),
      '--out',
      'locked',
      '--password',
      'secret',
      '--log-level',
      'debug',
    ]);
    assert.is(opened.code, 0, opened.stderr);
    assert.is(JSON.parse(world.read('locked/result.json')).pages, 16);
    assert.not.match(opened.stderr, /secret/);
    assert.not.ok(readFileSync(world.path('locked/.millrace/runs.db')).includes('secret'));
  },
  patience,
);

const manual = 'pdf/zsh-manual.pdf';
const damaged = 'pdf/bad/damaged-page-40-stream-50.pdf';

test.unless(
  missingData(manual),
  'goes on after kill -9 with the same command: the same bytes, and no settled page is read again',
  async () => {
    using world = cliWorld();
    const call = ['documents', sharedData(damaged), sharedData(manual), '--pages-per-chunk', '5', '--workers', '2', '--out'];
    const whole = await world.run([...call, 'whole', '--executor', 'inline']);
    assert.is(whole.code, 1, whole.stderr);

    const killed = world.start([...call, 'killed']);
    const store = world.path('killed/.millrace/runs.db');
    await killed.until(() => hasSettled(store, 'documents'));
    killed.process.kill('SIGKILL');
    await killed.ended();
    const before = await stored(store);
    const settled = before.attempts.filter(({ outcome }) => outcome === 'completed');
    assert.ok(settled.length > 0);
    assert.ok(
      before.sessions.some(({ state }) => state !== 'completed'),
      'it was killed in the middle',
    );

    const again = await world.run([...call, 'killed']);
    assert.is(again.code, 1, again.stderr);
    for (const name of ['zsh-manual', 'damaged-page-40-stream-50']) {
      for (const file of ['sentences.jsonl', 'pages.tsv', 'result.json']) {
        assert.ok(world.read(`killed/${name}/${file}`) === world.read(`whole/${name}/${file}`), `${name}/${file}`);
      }
    }
    const after = await stored(store);
    assert.is(after.sessions.length, 3, 'the opening, and one session for each document');
    for (const attempt of settled) {
      const runs = after.attempts.filter(({ sessionId, number }) => sessionId === attempt.sessionId && number === attempt.number);
      assert.equal(runs, [attempt], `batch ${attempt.number} was run once`);
    }
  },
  patience,
);

test.run();
