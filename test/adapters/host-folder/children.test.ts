import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { openHostFolder } from '../../../src/adapters/host-folder/open-host-folder.ts';
import { silentLogger } from '../../../src/model/logger.ts';
import { suite } from '../../support/suite.ts';
import { isRunning, whenGone } from '../executors/support/running.ts';

const test = suite('children of a host that is killed');

const hostFile = fileURLToPath(new URL('../../fixtures/spinning-host.ts', import.meta.url));

/** A host whose child is in a busy loop. */
interface SpinningHost {
  readonly root: string;
  readonly folder: string;
  readonly child: number;
  readonly printed: { readonly out: string; readonly err: string };
  /** `kill -9`, and waits for its end. */
  kill(): Promise<void>;
}

async function withSpinningHost(body: (host: SpinningHost) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'millrace-root-'));
  const host = spawn(process.execPath, ['--import', 'tsx', hostFile, root], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(host, 'exit');
  const kill = async (): Promise<void> => {
    host.kill('SIGKILL');
    await ended;
  };
  let child: number | undefined;
  try {
    const printed = await untilItSpins(host);
    const { pids, folder } = JSON.parse(printed.out) as { pids: string; folder: string };
    [child] = JSON.parse(pids) as number[];
    await body({ root, folder, child: child as number, printed, kill });
  } finally {
    await kill();
    if (child !== undefined && isRunning(child)) process.kill(child, 'SIGKILL');
    await rm(root, { recursive: true, force: true });
  }
}

async function untilItSpins({ stdout, stderr }: ChildProcessByStdio<null, Readable, Readable>): Promise<SpinningHost['printed']> {
  const printed = { out: '', err: '' };
  stdout.on('data', (chunk: Buffer) => {
    printed.out += chunk.toString();
  });
  stderr.on('data', (chunk: Buffer) => {
    printed.err += chunk.toString();
  });
  while (!printed.err.includes('err: about to spin')) await once(stderr, 'data');
  return printed;
}

test('what a child prints never mixes with the results that its host prints', () =>
  withSpinningHost(async ({ printed }) => {
    assert.match(printed.err, 'out: about to spin');
    assert.match(printed.out, /^\{.*\}\n$/);
  }));

test('a child dies with its host, though it is in a busy loop', () =>
  withSpinningHost(async ({ child, kill }) => {
    assert.ok(isRunning(child));
    await kill();
    await whenGone(child);
  }));

test('a child that was stopped, too, is ended before anybody takes over; and nothing of the host is left', () =>
  withSpinningHost(async ({ root, folder, child, kill }) => {
    process.kill(child, 'SIGSTOP');
    await kill();
    const other = await openHostFolder(silentLogger, root);
    assert.ok(isRunning(child), 'a stopped process does not see its host die');
    await other.sweep();
    assert.not(isRunning(child));
    assert.not(existsSync(folder));
    await other.close();
  }));

test('as long as a host lives, a sweep touches neither it nor its child', () =>
  withSpinningHost(async ({ root, folder, child }) => {
    const other = await openHostFolder(silentLogger, root);
    await other.sweep();
    assert.ok(isRunning(child));
    assert.ok(existsSync(folder));
    await other.close();
  }));

test.run();
