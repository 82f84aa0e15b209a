import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { constants, type StatsFs } from 'node:fs';
import { access, mkdtemp, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { availableParallelism, freemem, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { loadDriver } from '../../adapters/stores/sqlite/load-driver.ts';
import type { SqliteDriverName } from '../../drivers/load-sqlite.ts';
import { messageOf } from '../../model/error-info.ts';

/** What one check found. */
export interface Finding {
  readonly name: string;
  /** `bad`: Millrace can't work so. `note`: it can, with less. */
  readonly status: 'ok' | 'note' | 'bad';
  readonly found: string;
  /** What to do about it; absent when there is nothing to do. */
  readonly fix?: string;
}

/** One thing that Millrace needs of a machine. */
export interface Check {
  readonly name: string;
  /** @throws what is told as `bad`, with `fix`. */
  look(): Promise<Omit<Finding, 'name'>>;
  /** What to do when looking fails. */
  readonly fix: string;
}

/** Carries out a check. Never rejects. */
export async function findingOf({ name, look, fix }: Check): Promise<Finding> {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    return { name, status: 'bad', found: messageOf(error), fix };
  }
}

const drivers: readonly SqliteDriverName[] = ['node:sqlite', 'better-sqlite3', 'libsql'];
const megabyte = 1024 * 1024;

/** Every check. `folder` is where runs are to be kept. */
export function checksFor(folder: string): readonly Check[] {
  return [
    {
      name: 'node',
      look: async () => nodeVersion(process.versions.node),
      fix: 'Install Node 20.19 or newer: https://nodejs.org',
    },
    { name: 'sqlite', look: sqliteDrivers, fix: 'Use Node 22.13 or newer, or run: npm install libsql' },
    { name: 'cores', look: cores, fix: 'Nothing: one worker is used.' },
    {
      name: 'threads',
      look: threads,
      fix: 'Raise the limits of this user on threads and memory (ulimit -u, -v), or use --executor inline.',
    },
    { name: 'processes', look: childProcesses, fix: 'Raise the limit on processes (ulimit -u), or use the threads executor.' },
    { name: 'folder', look: () => writable(folder), fix: `Make ${resolve(folder)} a folder that this user may write to.` },
    { name: 'temp folder', look: () => writable(tmpdir()), fix: 'Set TMPDIR to a folder that this user may write to.' },
    {
      name: 'disk',
      look: async () => diskSpace(await statfs(folder)),
      fix: `Make sure that ${resolve(folder)} is on a local disk.`,
    },
    { name: 'clock', look: async () => clockTime(Date.now()), fix: 'Set the clock of this machine, for instance by NTP.' },
  ];
}

/** Whether Node is new enough. */
export function nodeVersion(version: string): Omit<Finding, 'name'> {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > 20 || (major === 20 && minor >= 19);
  if (isEnough) return { status: 'ok', found: `Node ${version}` };
  return { status: 'bad', found: `Node ${version} is too old`, fix: 'Install Node 20.19 or newer: https://nodejs.org' };
}

async function sqliteDrivers(): Promise<Omit<Finding, 'name'>> {
  const there: string[] = [];
  for (const driver of drivers) {
    const isThere = await loadDriver(driver).then(
      () => true,
      () => false,
    );
    if (isThere) there.push(driver);
  }
  if (there.length > 0) return { status: 'ok', found: there.join(', ') };
  return {
    status: 'note',
    found: 'no SQLite driver: runs are kept in memory only, and can not be resumed',
    fix: 'Use Node 22.13 or newer, or run: npm install libsql (needs no compiler)',
  };
}

async function cores(): Promise<Omit<Finding, 'name'>> {
  const memory = `${Math.floor(freemem() / megabyte)} MB free`;
  return { status: 'ok', found: `${availableParallelism()} for workers, ${memory}` };
}

async function threads(): Promise<Omit<Finding, 'name'>> {
  const worker = new Worker('require("node:worker_threads").parentPort.postMessage(1)', { eval: true });
  await new Promise((done, refuse) => {
    worker.once('message', done);
    worker.once('error', refuse);
    worker.once('exit', (code) => refuse(new Error(`A worker thread ended with ${code} before it answered.`)));
  });
  await worker.terminate();
  return { status: 'ok', found: 'a worker thread starts and answers' };
}

async function childProcesses(): Promise<Omit<Finding, 'name'>> {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', 'process.stdout.write("1")'], { timeout: 20_000 });
  if (stdout !== '1') throw new Error('A child process of Node did not answer.');
  return { status: 'ok', found: 'a child process starts and answers' };
}

async function writable(folder: string): Promise<Omit<Finding, 'name'>> {
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  const own = await mkdtemp(join(folder, '.millrace-doctor-'));
  try {
    const word = randomUUID();
    await writeFile(join(own, 'word'), word);
    if ((await readFile(join(own, 'word'), 'utf8')) !== word) throw new Error(`${folder} does not keep what is written.`);
  } finally {
    await rm(own, { recursive: true, force: true });
  }
  return { status: 'ok', found: `${resolve(folder)} can be written` };
}

/** Whether there is room for a store. */
export function diskSpace({ bavail, bsize }: Pick<StatsFs, 'bavail' | 'bsize'>): Omit<Finding, 'name'> {
  const free = Math.floor((bavail * bsize) / megabyte);
  const found = `${free.toLocaleString('en-US')} MB free`;
  if (free < 50) return { status: 'bad', found, fix: 'Make room: a full disk holds every run until there is some.' };
  if (free < 1_000) return { status: 'note', found, fix: 'Make room, or delete old runs: millrace prune STORE --older-than 7d' };
  return { status: 'ok', found };
}

/** Leases and retention go by the clock. No machine that runs this is older than the code. */
export function clockTime(now: number): Omit<Finding, 'name'> {
  const found = new Date(now).toISOString();
  const isSet = now > Date.UTC(2025, 0, 1) && now < Date.UTC(2100, 0, 1);
  return isSet ? { status: 'ok', found } : { status: 'bad', found, fix: 'Set the clock of this machine, for instance by NTP.' };
}
