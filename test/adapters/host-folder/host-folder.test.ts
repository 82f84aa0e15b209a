import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { childLock, hostLock, lockPath } from '../../../src/adapters/host-folder/lock-path.ts';
import { type HostFolder, openHostFolder } from '../../../src/adapters/host-folder/open-host-folder.ts';
import { tempRoot } from '../../../src/adapters/host-folder/temp-root.ts';
import { writeWhereabouts } from '../../../src/adapters/host-folder/whereabouts.ts';
import { recordingLogger } from '../../support/engine-world.ts';
import { suite } from '../../support/suite.ts';
import { isRunning } from '../executors/support/running.ts';

const test = suite('the folder of a host');

const logger = recordingLogger();

/** A root of its own, and a host that has its folder there. */
async function withHost(body: (root: string, host: HostFolder) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'millrace-root-'));
  const host = await openHostFolder(logger, root);
  try {
    await body(root, host);
  } finally {
    await host.close();
    await rm(root, { recursive: true, force: true });
  }
}

/** Another process that holds a lock, and does nothing else. */
async function holder(path: string): Promise<ChildProcess> {
  const program =
    "require('node:net').createServer((asking) => asking.end('!')).listen(process.argv[1], () => console.log('held'))";
  const process_ = spawn(process.execPath, ['-e', program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(process_.stdout, 'data');
  return process_;
}

async function end(process_: ChildProcess): Promise<void> {
  const ended = once(process_, 'exit');
  process_.kill('SIGKILL');
  await ended;
}

/** What a host leaves that was killed. */
async function deadHost(root: string, name: string): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder);
  await end(await holder(lockPath(folder, hostLock)));
  await writeWhereabouts(folder);
  return folder;
}

test('is for its user alone, and gone when it is closed', () =>
  withHost(async (root, host) => {
    assert.is((await stat(host.root)).mode & 0o777, 0o700);
    await mkdir(join(host.root, 'session.1'));
    await host.close();
    assert.equal(await readdir(root), []);
  }));

test('of a dead host is removed with the temp folders in it', () =>
  withHost(async (root, host) => {
    const dead = await deadHost(root, 'dead');
    await mkdir(join(dead, 'session.1'));
    await writeFile(join(dead, 'session.1', 'half-written'), 'x');
    await host.sweep();
    assert.equal(await readdir(root), [host.root.slice(root.length + 1)]);
  }));

test('of a living host is left alone, also by itself', () =>
  withHost(async (root, host) => {
    const other = await openHostFolder(logger, root);
    await Promise.all([host.sweep(), other.sweep()]);
    assert.ok(existsSync(host.root) && existsSync(other.root));
    await other.close();
  }));

test('of a host that is stopped is left alone: it lives', () =>
  withHost(async (root, host) => {
    const folder = join(root, 'stopped');
    await mkdir(folder);
    const stopped = await holder(lockPath(folder, hostLock));
    stopped.kill('SIGSTOP');
    await host.sweep();
    assert.ok(existsSync(folder));
    await end(stopped);
    await host.sweep();
    assert.not(existsSync(folder));
  }));

test('of a host that ended without closing it is removed, though it took its lock away', () =>
  withHost(async (root, host) => {
    const dead = await deadHost(root, 'left-in-order');
    await rm(lockPath(dead, hostLock));
    await host.sweep();
    assert.not(existsSync(dead));
  }));

test('without a lock is one that is just being made, unless it is older than a day', () =>
  withHost(async (root, host) => {
    const [young, old] = [join(root, 'young'), join(root, 'old')];
    await Promise.all([mkdir(young), mkdir(old)]);
    const twoDaysAgo = Date.now() / 1_000 - 2 * 86_400;
    await utimes(old, twoDaysAgo, twoDaysAgo);
    await host.sweep();
    assert.equal([existsSync(young), existsSync(old)], [true, false]);
  }));

test('is kept until its children are gone; one that cannot be killed from here is waited for', () =>
  withHost(async (root, host) => {
    const folder = await deadHost(root, 'elsewhere');
    await writeFile(join(folder, 'where'), 'another container');
    const bystander = spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 60_000)'], { stdio: 'ignore' });
    await once(bystander, 'spawn');
    const pid = bystander.pid as number;
    // The same number as the bystander's means another process there.
    const lock = createServer((asking) => asking.end('!')).listen(lockPath(folder, childLock(pid)));
    await once(lock, 'listening');
    const [asked] = await Promise.all([once(lock, 'connection').then(() => lock.close()), host.sweep()]);
    assert.ok(asked);
    assert.ok(isRunning(pid));
    assert.not(existsSync(folder));
    await end(bystander);
  }));

test('is made in no place that others could have prepared', () =>
  withHost(async (root) => {
    const link = join(root, 'link');
    await symlink(tmpdir(), link);
    const host = await openHostFolder(logger, link);
    assert.is(host.locks, undefined);
    const { level, message, facts } = logger.lines.at(-1) ?? {};
    assert.equal([level, message], ['warn', 'no folder for temp files']);
    assert.match(String(facts?.error), 'not this user');
    await host.close();
  }));

test('lies where the paths of its locks are short enough for sockets', () => {
  const before = process.env.TMPDIR;
  process.env.TMPDIR = `/tmp/${'long/'.repeat(30)}`;
  try {
    const longest = lockPath(join(tempRoot(), '01234567'), childLock(4_194_304));
    assert.ok(Buffer.byteLength(longest) < 104, longest);
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
});

test('of a dead host is removed also when only the lock of a child is left in it, which came while it was emptied', () =>
  withHost(async (root, host) => {
    const folder = join(root, 'emptied');
    await mkdir(folder);
    await end(await holder(lockPath(folder, childLock(999_999))));
    assert.equal(await readdir(folder), [childLock(999_999)]);
    await host.sweep();
    assert.not(existsSync(folder));
  }));

test.run();
