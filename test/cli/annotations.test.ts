import { readdirSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { type CliWorld, cliWorld } from './support/cli-world.ts';
import { hasSettled, stored } from './support/stored.ts';

const test = suite('millrace annotations');
const patience = { timeoutMs: 120_000 };

const text = (number: number): string => `Text ${number} says that p53 binds to NF-kappaB , in cells .`;

function writeInput(world: CliWorld, records: number): void {
  const lines = Array.from({ length: records }, (_, number) => ({ sourcedb: 'Demo', sourceid: `${number}`, text: text(number) }));
  const json = (values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');
  const denotations = [{ id: 'T1', span: { begin: 0, end: 4 }, obj: 'Word' }];
  world.write('records.jsonl', json(lines.map((line) => ({ ...line, denotations }))));
  world.write('docs.jsonl', json(lines.map((line) => ({ ...line, text: line.text.replaceAll(' ,', ',') }))));
}

test(
  'tells by its exit code whether all was accepted, some refused, or nothing begun',
  async () => {
    using world = cliWorld();
    writeInput(world, 3);
    const whole = await world.run(['annotations', '--docs', 'docs.jsonl', '--out', 'out', '--json', 'records.jsonl']);
    assert.is(whole.code, 0, whole.stderr);
    const answer = JSON.parse(whole.stdout);
    assert.equal([answer.status, answer.summary.accepted, answer.summary.denotations], ['completed', 3, 3]);
    assert.equal(
      readdirSync(world.path('out'))
        .filter((name) => name !== '.millrace')
        .sort(),
      ['annotations.jsonl', 'batches.tsv', 'lines.tsv', 'summary.json'],
    );

    world.write('some.jsonl', `${world.read('records.jsonl')}{}\n${world.read('records.jsonl').split('\n')[0]}\n`);
    const some = await world.run(['annotations', '--docs', 'docs.jsonl', '--out', 'out', 'some.jsonl']);
    assert.is(some.code, 1, some.stderr);
    assert.match(some.stdout, /accepted +4 of 5 records\nrefused +1 missing_source/);
    const sessions = JSON.parse((await world.run(['sessions', 'out', '--json'])).stdout);
    assert.equal(
      sessions.map(({ job }: { job: string }) => job),
      ['annotations', 'annotations-check'],
      'runs whose outputs were replaced are deleted',
    );

    const replace = ['annotations', '--docs', 'docs.jsonl', '--mode', 'replace', 'some.jsonl'];
    const refused = await world.run([...replace, '--out', 'replaced']);
    assert.is(refused.code, 2);
    assert.match(refused.stderr, /some\.jsonl:5/);
    assert.equal(readdirSync(world.path('replaced')), ['.millrace']);
    const last = await world.run([...replace, '--out', 'replaced', '--on-duplicate', 'last', '--json']);
    assert.equal([last.code, JSON.parse(last.stdout).summary.codes], [1, { duplicate_document: 1, missing_source: 1 }]);
    for (const args of [
      ['records.jsonl'],
      ['--docs', 'none.jsonl', 'records.jsonl'],
      ['--docs', 'docs.jsonl'],
      ['--docs', 'docs.jsonl', '--mode', 'x', 'records.jsonl'],
    ]) {
      assert.is((await world.run(['annotations', ...args])).code, 2, args.join(' '));
    }
  },
  patience,
);

test(
  'goes on after kill -9 by the same command: the same bytes, and nothing that was settled is run again',
  async () => {
    using world = cliWorld();
    writeInput(world, 2_500);
    const command = ['annotations', '--docs', 'docs.jsonl', '--batch-items', '5', '--workers', '2', 'records.jsonl', '--out'];
    const whole = await world.run([...command, 'whole']);
    assert.is(whole.code, 0, whole.stderr);
    for (const job of ['annotations-check', 'annotations']) {
      const out = `out-${job}`;
      const store = world.path(`${out}/.millrace/runs.db`);
      const killed = world.start([...command, out]);
      await killed.until(() => hasSettled(store, job));
      killed.process.kill('SIGKILL');
      await killed.ended();
      const before = await stored(store);
      const settled = before.attempts.filter(({ outcome }) => outcome === 'completed');
      assert.ok(settled.length > 0);

      const again = await world.run([...command, out]);
      assert.is(again.code, 0, again.stderr);
      for (const name of ['annotations.jsonl', 'lines.tsv', 'batches.tsv', 'summary.json']) {
        assert.ok(world.read(`${out}/${name}`) === world.read(`whole/${name}`), name);
      }
      const after = await stored(store);
      for (const attempt of settled) {
        const of = after.attempts.filter((one) => one.sessionId === attempt.sessionId && one.number === attempt.number);
        assert.equal(of, [attempt], `batch ${attempt.number} was run once`);
      }
      assert.equal(
        readdirSync(world.path(`${out}/.millrace`)).filter((name) => !name.startsWith('runs.db')),
        [],
        'tables are removed',
      );
    }
  },
  patience,
);

test.run();
