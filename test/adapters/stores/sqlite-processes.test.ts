import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { leaseMs, newSession, sceneOf } from '../../../src/adapters/conformance/scene.ts';
import { sqlite } from '../../../src/adapters/stores/sqlite.ts';
import { manualClock } from '../../../src/conformance.ts';
import { systemClock } from '../../../src/model/clock.ts';
import type { OwnerId } from '../../../src/model/ids.ts';
import type { Store } from '../../../src/model/store.ts';
import { suite } from '../../support/suite.ts';

const test = suite('an SQLite store among processes');

const claims = fileURLToPath(new URL('./store-process.ts', import.meta.url));
const enqueues = fileURLToPath(new URL('./enqueue-process.ts', import.meta.url));

interface Ground {
  readonly store: Store;
  readonly path: string;
  start(script: string, ...parameters: readonly string[]): Promise<ChildProcess>;
}

async function onGround(body: (ground: Ground) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-processes-'));
  const path = join(folder, 'store.db');
  const store = sqlite(path, { clock: systemClock });
  const children: ChildProcess[] = [];
  await store.open();
  try {
    await body({
      store,
      path,
      async start(script, ...parameters) {
        const child = fork(script, [path, ...parameters], { execArgv: ['--import', 'tsx'] });
        children.push(child);
        assert.is((await once(child, 'message'))[0], 'ready');
        return child;
      },
    });
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function worldOf(store: Store): Parameters<typeof sceneOf>[0] {
  const refuse = async (): Promise<Store> => {
    throw new Error('not in this test');
  };
  return { store, clock: manualClock(), reopen: refuse, second: refuse };
}

test(
  'gives each batch to one of eight processes that race for it',
  () =>
    onGround(async ({ store, start }) => {
      const session = newSession(1);
      await store.createSession(session);
      const scene = sceneOf(worldOf(store), session.id);
      await scene.move('pending', 'running.streaming');
      await scene.enqueue(4_000, {}, true);
      const children = await Promise.all(
        ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((owner) => start(claims, owner, session.id)),
      );
      const answers = children.map((child) => once(child, 'message'));
      for (const child of children) child.send('go');
      const claimed = (await Promise.all(answers)).map(([numbers]) => numbers as number[]);
      const all = claimed.flat().sort((left, right) => left - right);
      assert.equal(
        all,
        Array.from({ length: 4_000 }, (_, number) => number),
      );
      for (const child of children) child.send('leave');
      await Promise.all(children.map((child) => once(child, 'exit')));
    }),
  { timeoutMs: 60_000 },
);

test(
  'knows at once that a killed host is dead, long before its lease runs out',
  () =>
    onGround(async ({ store, start }) => {
      const victim = 'victim' as OwnerId;
      const heir = 'heir' as OwnerId;
      const session = newSession(1, { coordinator: victim });
      await store.createSession(session);
      const scene = sceneOf(worldOf(store), session.id);
      await scene.move('pending', 'running.streaming');
      await scene.enqueue(5, {}, true);
      const child = await start(claims, victim, session.id);
      const claimed = once(child, 'message');
      child.send('go');
      await claimed;
      await store.registerOwner(heir, leaseMs);
      assert.equal(await store.listSessions({ orphaned: true, limit: 9 }), [], 'it lives, and holds its lock');
      assert.is(await store.rescue(9), 0);
      assert.is(await store.adoptSession(session.id, heir), undefined);
      child.kill('SIGKILL');
      await once(child, 'exit');
      assert.is((await store.listSessions({ orphaned: true, limit: 9 })).length, 1);
      assert.is(await store.rescue(9), 5);
      const adopted = await store.adoptSession(session.id, heir);
      assert.equal([adopted?.epoch, adopted?.takeovers], [2, 1]);
    }),
  { timeoutMs: 60_000 },
);

test(
  'runs each task once that several processes enqueue at the same moment',
  () =>
    onGround(async ({ store, start }) => {
      const children = await Promise.all(['1', '2', '3'].map((name) => start(enqueues, name)));
      const answers = children.map((child) => once(child, 'message'));
      for (const child of children) child.send('go');
      const mine = (await Promise.all(answers)).map(([numbers]) => numbers as number[]);
      const all = mine.flat().sort((left, right) => left - right);
      assert.equal(
        all,
        Array.from({ length: 60 }, (_, number) => number),
      );
      const sessions = await store.listSessions({ limit: 9 });
      assert.is(
        sessions.reduce((sum, { counts }) => sum + (counts.items.duplicate ?? 0), 0),
        120,
      );
      for (const child of children) child.send('leave');
      await Promise.all(children.map((child) => once(child, 'exit')));
    }),
  { timeoutMs: 60_000 },
);

test.run();
