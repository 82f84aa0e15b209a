import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { shadow } from '../../../../src/adapters/stores/shadow.ts';
import { sqlite } from '../../../../src/adapters/stores/sqlite.ts';
import { suite } from '../../../support/suite.ts';
import { recount } from './recount.ts';

const test = suite('several hosts on one pair');
const fixture = fileURLToPath(new URL('../../../fixtures/shadow-worker.ts', import.meta.url));

/** Runs a host to its end. Answers what it printed. */
function host(...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', fixture, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.on('close', (code) => (code === 0 ? resolve(printed) : reject(new Error(`the host ended with ${code}`))));
  });
}

test(
  'copy beside each other, and leave two stores that hold the same',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-shadow-'));
    try {
      const [old, other] = [join(folder, 'old.db'), join(folder, 'new.db')];
      const printed = await Promise.all(['one', 'two'].map((name) => host(old, other, name)));
      for (const text of printed) assert.is(JSON.parse(text).result, (300 * 299) / 2);
      assert.equal((await recount(old, other)).differences, []);
      const store = shadow(sqlite(old), sqlite(other));
      await store.open();
      assert.is((await store.compare()).ratio, 1);
      await store.close();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  { timeoutMs: 120_000 },
);

test.run();
