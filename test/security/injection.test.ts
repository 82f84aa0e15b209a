import * as assert from 'uvu/assert';
import { failure, host, leaseMs, newBatch, newSession, sceneOf, startScene } from '../../src/adapters/conformance/scene.ts';
import { runStoreCase, type StoreWorld } from '../../src/conformance.ts';
import type { OwnerId, Token } from '../../src/model/ids.ts';
import { memorySite, sqliteSite } from '../adapters/stores/store-sites.ts';
import { suite } from '../support/suite.ts';

/** Texts that end a statement, widen a condition, or mean something to LIKE, JSON paths and other databases. */
const hostile = [
  "'",
  "''",
  '"',
  '`',
  ';',
  '--',
  '/*',
  "' or '1'='1",
  "'; drop table sessions; --",
  "'); delete from batches; --",
  "\"; attach database '/tmp/x' as x; --",
  "x' union select id, job, key from sessions --",
  '%',
  '_',
  '%_%',
  '$[0].a',
  '?1',
  ':name',
  '@name',
  '$1',
  '\\',
  "\\' or 1=1 --",
  '0x27',
  '\u02bc or 1=1',
  'a\nb',
];

const test = suite('no text reaches a statement as SQL');

const sites = { memory: async () => memorySite(), sqlite: sqliteSite };

for (const [name, site] of Object.entries(sites)) {
  for (const [caseName, run] of Object.entries({ sessions, ownersAndTokens, batches })) {
    test(`${name}: ${caseName}`, () => runStoreCase({ name: caseName, run }, site));
  }
}

/** Every text of a session comes back as it was, and finds its own session only. */
async function sessions({ store }: StoreWorld): Promise<void> {
  await store.registerOwner(host, leaseMs);
  for (const [index, text] of hostile.entries()) {
    const given = newSession(index + 1, {
      job: text,
      key: text,
      version: text,
      fingerprint: text,
      chunking: text,
      input: JSON.stringify(text),
      settings: JSON.stringify({ [text]: text }),
      metadata: JSON.stringify({ [text]: text }),
    });
    assert.is((await store.createSession(given)).type, 'created', text);
    const found = await store.findSession(text, text);
    assert.equal(
      [
        found?.id,
        found?.job,
        found?.key,
        found?.version,
        found?.fingerprint,
        found?.chunking,
        found?.input,
        found?.settings,
        found?.metadata,
      ],
      [given.id, text, text, text, text, text, given.input, given.settings, given.metadata],
    );
    assert.is((await store.listSessions({ job: text, limit: 100 })).length, 1, text);
    await store.requestSession(given.id, { cancelReason: text });
    assert.is((await store.getSession(given.id))?.cancelReason, text);
    assert.is(await store.getSession(text as never), undefined, text);
    await store.moveSession({
      id: given.id,
      epoch: 1,
      from: 'pending',
      to: 'failed',
      result: null,
      error: { ...failure, message: text, code: text },
    });
    assert.is((await store.getSession(given.id))?.error?.message, text);
  }
  assert.is((await store.listSessions({ limit: 1_000 })).length, hostile.length);
  assert.is(await store.prune({ endedBefore: Number.MAX_SAFE_INTEGER, limit: 10, id: hostile[7] as never }), 0);
  assert.is((await store.listSessions({ limit: 1_000 })).length, hostile.length);
}

/** Names of hosts and claims are random in honest life; here they are not. */
async function ownersAndTokens(world: StoreWorld): Promise<void> {
  const { store } = world;
  const scene = await startScene(world);
  await scene.enqueue(hostile.length);
  for (const [number, text] of hostile.entries()) {
    const owner = text as OwnerId;
    const token = text as Token;
    await store.registerOwner(owner, leaseMs);
    assert.ok(await store.renewOwner(owner, leaseMs), text);
    const { claimed } = await scene.commit({ claim: { tokens: [token], numbers: [number] } }, owner);
    assert.equal([claimed[0]?.token, claimed[0]?.owner], [token, owner]);
    const write = { number, from: 'running', to: 'completed', attempt: 1 } as const;
    assert.is(await scene.write({ ...write, token: `${text}' or 1=1 --` as Token }), false, text);
    assert.is(await scene.write({ ...write, token }), true, text);
    await store.removeOwner(owner);
    assert.is(await store.renewOwner(owner, leaseMs), undefined, text);
  }
  assert.ok(await store.renewOwner(host, leaseMs));
}

/** Every text of a batch, its attempts and dead letters. */
async function batches(world: StoreWorld): Promise<void> {
  const { store } = world;
  const scene = await startScene(world);
  const other = await startScene(world, 2);
  await other.bring('failed.dead');
  for (const [number, text] of hostile.entries()) {
    await scene.commit({
      enqueue: {
        batches: [newBatch(number, { taskId: text, hash: text, lastItem: text, slice: JSON.stringify(text) })],
        position: { chunks: number + 1, items: number + 1, ended: false },
      },
    });
    const [batch] = await scene.claim([number]);
    assert.equal([batch?.taskId, batch?.hash, batch?.lastItem, batch?.slice], [text, text, text, JSON.stringify(text)]);
    const error = { ...failure, name: text, message: text, stack: text, code: text, details: { [text]: text } };
    const letter = { itemId: text, place: 0, items: 1, taskId: text, error, attempts: 1 };
    const output = { places: null, data: JSON.stringify(text) };
    const counters = { [text]: 1 };
    if (batch)
      assert.is(await scene.settle(batch, 'failed.dead', { error, deadLetters: [letter], output, counters }), true, text);
    assert.equal((await scene.batch(number)).error, error);
    const [attempt] = await store.listAttempts({ sessionId: scene.id, number, after: 0, limit: 1 });
    assert.equal(attempt?.error, error);
  }
  const letters = await store.listDeadLetters({ sessionId: scene.id, after: 0, limit: 1_000 });
  assert.equal(
    letters.map(({ itemId, taskId, error }) => [itemId, taskId, error.message]),
    hostile.map((text) => [text, text, text]),
  );
  const groups = await store.groupFailures(scene.id, 1_000);
  assert.equal(groups.map(({ message }) => message).sort(), [...hostile].sort());
  const outputs = await store.listOutputs({ sessionId: scene.id, from: 0, to: 1_000, limit: 1_000 });
  assert.equal(
    outputs.map(({ data }) => data),
    hostile.map((text) => JSON.stringify(text)),
  );
  assert.equal(Object.keys((await scene.session()).counters).sort(), [...hostile].sort());
  assert.is((await sceneOf(world, other.id).batch(0)).state, 'failed.dead');
}

test.run();
