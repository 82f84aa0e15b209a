import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { memory } from '../src/adapters/stores/memory.ts';
import { sqlite } from '../src/adapters/stores/sqlite.ts';
import { createQueries } from '../src/engine/api/queries.ts';
import { healthOf } from '../src/engine/notify/health.ts';
import type { OwnerId, SessionId, Token } from '../src/model/ids.ts';
import type { BatchRecord, NewBatch } from '../src/model/records.ts';
import type { BatchWrite, Store } from '../src/model/store.ts';
import { figure } from './measure.ts';
import { numberOption } from './options.ts';

const host = 'bench' as OwnerId;
const sessions = 10;
const together = 1_000;

/** How long does each question take on a store of a million batches? */
export async function run(): Promise<void> {
  const batches = numberOption('batches', 1_000_000);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  try {
    for (const store of [sqlite(join(folder, 'runs.db')), memory()]) {
      await store.open();
      const startedAt = performance.now();
      await fill(store, batches);
      const took = performance.now() - startedAt;
      const size = store.name === 'sqlite' ? `, ${Math.round(statSync(join(folder, 'runs.db')).size / 1e6)} MB` : '';
      console.log(
        `${store.name}: ${batches.toLocaleString('en-US')} batches in ${sessions} sessions, written in ${figure(took / 1_000)} s${size}`,
      );
      await askAll(store);
      await store.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const idOf = (number: number): SessionId => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}` as SessionId;

/** Of a hundred batches one dies with a letter, one crashes and is healed; every tenth has a task id that comes again. The last session goes on. */
async function fill(store: Store, batches: number): Promise<void> {
  const each = Math.ceil(batches / sessions);
  for (let session = 0; session < sessions; session++) {
    const id = idOf(session);
    await store.registerOwner(host, 86_400_000);
    await store.createSession({
      id,
      job: `job-${session % 3}`,
      version: '1',
      key: `key-${session}`,
      priority: 0,
      coordinator: host,
      input: 'null',
      settings: null,
      fingerprint: 'f',
      chunking: 'count:10',
      policies: '{}',
      metadata: null,
      keepMs: null,
    });
    await store.moveSession({ id, epoch: 1, from: 'pending', to: 'running.streaming' });
    for (let from = 0; from < each; from += together) await fillGroup(store, id, from, Math.min(from + together, each));
    if (session === sessions - 1) await enqueue(store, id, each, each + 20, 10);
    else await store.moveSession({ id, epoch: 1, from: 'running.streaming', to: 'failed' });
  }
}

function newBatch(number: number): NewBatch {
  const taskId = number % 10 === 0 ? `task-${number}` : null;
  return {
    number,
    first: number * 10,
    items: 10,
    before: 0,
    after: 0,
    range: null,
    hash: null,
    taskId,
    slice: null,
    lastItem: null,
  };
}

async function enqueue(
  store: Store,
  sessionId: SessionId,
  from: number,
  to: number,
  claims: number,
): Promise<readonly BatchRecord[]> {
  const batches = Array.from({ length: to - from }, (_, index) => newBatch(from + index));
  const tokens = batches.slice(0, claims).map(({ number }) => `${sessionId}:${number}` as Token);
  const position = { chunks: to, items: to * 10, ended: false };
  const part = { sessionId, epoch: 1, enqueue: { batches, position }, claim: { tokens } };
  return (await store.commit({ owner: host, sessions: [part] })).sessions[0]?.claimed ?? [];
}

async function fillGroup(store: Store, sessionId: SessionId, from: number, to: number): Promise<void> {
  const claimed = await enqueue(store, sessionId, from, to, to - from);
  await store.commit({ owner: host, sessions: [{ sessionId, epoch: 1, writes: claimed.map(settled) }] });
  const crashed = claimed.filter(({ number }) => number % 100 === 50);
  const tokens = crashed.map(({ number }) => `${sessionId}:${number}b` as Token);
  const claim = { tokens, numbers: crashed.map(({ number }) => number) };
  const again = (await store.commit({ owner: host, sessions: [{ sessionId, epoch: 1, claim }] })).sessions[0]?.claimed ?? [];
  await store.commit({ owner: host, sessions: [{ sessionId, epoch: 1, writes: again.map(completed) }] });
}

function base({ number, attempt, token }: BatchRecord) {
  return { number, from: 'running' as const, attempt, ...(token && { token }) };
}

function completed(batch: BatchRecord): BatchWrite {
  return { ...base(batch), to: 'completed', itemsCompleted: 10, ms: (batch.number * 7_919) % 1_000 };
}

function settled(batch: BatchRecord): BatchWrite {
  const { number } = batch;
  if (number % 100 === 50) {
    const error = { name: 'Error', message: `worker ${number} ran out of memory`, category: 'oom' as const };
    return { ...base(batch), to: 'crashed.waiting', retryInMs: 0, error };
  }
  if (number % 100 !== 25) return completed(batch);
  const error = { name: 'Error', message: `row ${number} of /tmp/in-${number}.csv is bad`, category: 'error' as const };
  const letter = { itemId: `${number}`, place: 0, items: 1, taskId: 't', error, attempts: 1 };
  return { ...base(batch), to: 'failed.dead', error, deadLetters: [letter] };
}

async function askAll(store: Store): Promise<void> {
  const queries = createQueries(store);
  const session = idOf(0);
  const questions: Readonly<Record<string, () => Promise<unknown>>> = {
    'crashed, of a session': () => queries.crashed({ session }),
    'crashed, last 24 h': () => queries.crashed(),
    'slowest, of a session': () => queries.slowest({ session }),
    'slowest, last 24 h': () => queries.slowest(),
    'failures by message, of a session': () => queries.failures({ session }),
    'failures by message, last 24 h': () => queries.failures(),
    'failures by category, last 24 h': () => queries.categories(),
    'average times, last 24 h': () => queries.times(),
    'chain of a given task id': () => queries.chain('task-100'),
    'chain of a default task id': () => queries.chain('job-0:key-0#101'),
    active: () => queries.active(),
    stuck: () => queries.stuck(),
    'repeated tasks, last 24 h': () => queries.repeated(),
    'health of the last hour': () => healthOf(store),
    'verification of a session': () => queries.verify(session),
    'newest records': () => queries.newest(),
    'jobs and their sums': () => queries.jobs(),
  };
  for (const [name, ask] of Object.entries(questions)) {
    const times: number[] = [];
    for (let round = 0; round < 3; round++) {
      const startedAt = performance.now();
      await ask();
      times.push(performance.now() - startedAt);
    }
    times.sort((left, right) => left - right);
    console.log(`  ${name.padEnd(36)}${figure(times[1] ?? 0).padStart(8)} ms`);
  }
}

await run();
