import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { seededRandom } from '../../src/testing/random.ts';
import { suite } from '../support/suite.ts';

const test = suite('SIGTERM at random moments');

const hostFile = fileURLToPath(new URL('../fixtures/orderly-host.ts', import.meta.url));
const kills = Number(process.env.SIGTERM_KILLS ?? 20);
const seed = Number(process.env.SIGTERM_SEED ?? 1);
const items = 100 * kills;
const graceMs = 10_000;
const lineBytes = 6;

interface Report {
  readonly status: string;
  readonly result?: number;
  readonly failed?: number;
  readonly closedMs: number;
  readonly resources: readonly string[];
}

function linesIn(witness: string): number {
  return (statSync(witness, { throwIfNoEntry: false })?.size ?? 0) / lineBytes;
}

/** Runs a host until it has done so many more items, tells it to end, and answers what it said. */
async function runHost(folder: string, executor: string, stopAfter: number): Promise<Report> {
  const witness = join(folder, 'witness');
  const args = ['--import', 'tsx', hostFile, join(folder, 'runs.db'), witness, `${items}`, executor, `${graceMs}`];
  const host = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: join(folder, 'tmp') },
  });
  const ended = once(host, 'exit');
  try {
    const lines = createInterface(host.stdout)[Symbol.asyncIterator]();
    assert.is((await lines.next()).value, 'ready');
    const goal = linesIn(witness) + stopAfter;
    while (stopAfter > 0 && linesIn(witness) < goal && host.exitCode === null) await delay(2);
    if (Number.isFinite(stopAfter)) host.kill('SIGTERM');
    const { value } = await lines.next();
    assert.equal(await ended, [0, null], 'it ends by itself: no handle keeps it');
    return JSON.parse(value) as Report;
  } finally {
    host.kill('SIGKILL');
  }
}

test(
  `of one session lose nothing and run nothing twice; the host ends within its grace time and leaves nothing (${kills} times, seed ${seed})`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-sigterm-'));
    mkdirSync(join(folder, 'tmp'));
    const random = seededRandom(seed);
    try {
      for (let kill = 0; kill < kills; kill++) {
        // Now and then before anything has run.
        const stopAfter = random.below(6) === 0 ? 0 : 1 + random.below(60);
        const where = `kill ${kill}, ${stopAfter} items later`;
        const report = await runHost(folder, kill % 2 === 0 ? 'threads' : 'inline', stopAfter);
        assert.is(report.status, 'ENGINE_CLOSED', where);
        assert.ok(report.closedMs < graceMs, `${where}: closing took ${report.closedMs} ms`);
        assert.equal(report.resources, [], where);
        assert.equal(filesBelow(join(folder, 'tmp')), [], where);
        assert.equal(readdirSync(join(folder, 'runs.db.owners')), [], where);
      }
      const last = await runHost(folder, 'inline', Number.POSITIVE_INFINITY);
      const sum = Array.from({ length: items }, (_, item) => item * item).reduce((total, square) => total + square, 0);
      assert.equal([last.status, last.result, last.failed], ['completed', sum, 0]);
      const ran = readFileSync(join(folder, 'witness'), 'utf8').trim().split('\n').map(Number);
      assert.is(new Set(ran).size, items, 'every item ran');
      assert.is(ran.length, items, 'and none twice: what ran could end');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  { timeoutMs: 30_000 + kills * 15_000 },
);

/** Files in a folder of temp files, but for what tsx keeps for itself. */
function filesBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory() && !entry.parentPath.includes('tsx-')).map(({ name }) => name);
}

test.run();
