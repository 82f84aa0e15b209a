import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { sqlite } from '../../src/adapters/stores/sqlite.ts';
import { suite } from '../support/suite.ts';

const test = suite('eight hosts on one file');

const hostFile = fileURLToPath(new URL('../fixtures/joining-host.ts', import.meta.url));
const hosts = 8;
const items = 200;

interface Answer {
  readonly id: string;
  readonly started: boolean;
  readonly result: number;
  readonly error?: string;
}

async function answerOf(host: ChildProcess): Promise<Answer> {
  const [answer] = (await once(host, 'message')) as [Answer];
  assert.is(answer.error, undefined);
  return answer;
}

test(
  'start one key at once: one session lives, seven join it, each item runs once, and all get the one result',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-eight-hosts-'));
    const file = join(folder, 'runs.db');
    const witness = join(folder, 'witness');
    const children = Array.from({ length: hosts }, () =>
      fork(hostFile, [file, witness, `${items}`], { execArgv: ['--import', 'tsx'] }),
    );
    try {
      await Promise.all(children.map((host) => once(host, 'message')));
      const answering = children.map(answerOf);
      for (const host of children) host.send('start');
      const answers = await Promise.all(answering);
      assert.is(answers.filter(({ started }) => started).length, 1);
      assert.is(new Set(answers.map(({ id }) => id)).size, 1);
      const sum = Array.from({ length: items }, (_, item) => item * item).reduce((total, square) => total + square, 0);
      assert.equal(new Set(answers.map(({ result }) => result)), new Set([sum]));
      const ran = readFileSync(witness, 'utf8').trim().split('\n').map(Number);
      assert.equal([ran.length, new Set(ran).size], [items, items]);
      const exits = children.map((host) => once(host, 'exit'));
      for (const host of children) host.send('leave');
      assert.equal(new Set((await Promise.all(exits)).map(([code]) => code)), new Set([0]));
      const store = sqlite(file);
      await store.open();
      assert.is((await store.listSessions({ limit: 99 })).length, 1);
      await store.close();
    } finally {
      for (const host of children) host.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    }
  },
  { timeoutMs: 120_000 },
);

test.run();
