import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { defineJob } from '../../src/model/job.ts';
import type { Store } from '../../src/model/store.ts';
import { defineWork } from '../../src/model/work.ts';
import { gate, openWorld } from '../support/engine-world.ts';
import { manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';
import { until } from '../support/turns.ts';

const test = suite('store trouble');

type Method = Exclude<keyof Store, 'name' | 'supports'>;

/** A store of which some methods fail while a test says so. */
function shakyStore(store: Store) {
  const broken = new Set<Method>();
  const asked: Method[] = [];
  const shaky = new Proxy(store, {
    get(target, name: keyof Store) {
      const member = target[name];
      if (typeof member !== 'function') return member;
      return async (...given: unknown[]) => {
        asked.push(name as Method);
        if (broken.has(name as Method)) throw new Error('disk is full');
        return (member as (...all: unknown[]) => unknown).apply(target, given);
      };
    },
  });
  return { store: shaky, broken, asked };
}

function world() {
  const clock = manualClock();
  const shaky = shakyStore(memory({ clock }));
  const ran: number[] = [];
  const work = defineWork({
    each: (item: number) => {
      ran.push(item);
      return item;
    },
  });
  const job = defineJob(work, {
    name: 'adding',
    source: (input: readonly number[]) => input,
    chunk: byCount(1),
    combine: (left, right) => left + right,
  });
  return { clock, ...shaky, job, ran };
}

const oneToTen = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

for (const method of ['commit', 'moveSession', 'createSession', 'countFinalizeTry', 'listOutputs', 'groupFailures'] as const) {
  test(`a store whose ${method} fails for a while loses nothing: it is asked again until it answers`, async () => {
    const { clock, store, broken, asked, job, ran } = world();
    const { engine, lines } = await openWorld([job], { clock, store });
    broken.add(method);
    const outcome = engine.run(job, oneToTen);
    await until('it was asked three times', async () => {
      await clock.advance(100);
      return asked.filter((one) => one === method).length >= 3;
    });
    broken.delete(method);
    let isOver = false;
    void outcome.then(() => {
      isOver = true;
    });
    await until('the session has ended', async () => {
      await clock.advance(100);
      return isOver;
    });
    assert.is((await outcome).result, 55);
    assert.equal(ran, oneToTen, 'nothing ran twice');
    assert.ok(lines.some(({ level, facts }) => level === 'error' && String(facts.error).includes('disk is full')));
    await engine.close();
  });
}

test('a session that waits for its store says so, also when the store cannot even be read', async () => {
  const { clock, store, broken, job } = world();
  const { engine } = await openWorld([job], { clock, store });
  const session = await engine.start(job, oneToTen);
  broken.add('commit');
  await until('it waits', async () => (await session.state()).waitingFor !== null);
  const view = await session.state();
  assert.match(view.waitingFor ?? '', 'disk is full');
  broken.add('getSession');
  broken.add('listSessions');
  assert.match((await session.state()).waitingFor ?? '', 'disk is full');
  assert.is((await session.state()).id, session.id);
  broken.clear();
  let isOver = false;
  void session.outcome().then(() => {
    isOver = true;
  });
  await until('the session has ended', async () => {
    await clock.advance(1_000);
    return isOver;
  });
  assert.is(await session.result(), 55);
  assert.is((await session.state()).waitingFor, null);
  await engine.close();
});

test('work in place goes on although the lease could not be stretched for it', async () => {
  const { clock, store, broken, job } = world();
  const { engine, lines } = await openWorld([job], { clock, store });
  broken.add('renewOwner');
  assert.is((await engine.run(job, oneToTen)).result, 55);
  assert.ok(lines.some(({ level, message }) => level === 'error' && message.startsWith('lease could not be')));
  await engine.close();
});

test('a failed renewal of the lease is tried again at the next beat', async () => {
  const { clock, store, broken, asked, job } = world();
  const { engine, lines } = await openWorld([job], { clock, store });
  broken.add('renewOwner');
  await clock.advance(10_000);
  assert.ok(lines.some(({ message }) => message === 'lease could not be renewed'));
  broken.clear();
  await clock.advance(10_000);
  assert.is(asked.filter((one) => one === 'renewOwner').length, 2);
  assert.is((await engine.run(job, [1, 2])).result, 3);
  await engine.close();
});

test('an engine can be closed while its store fails; the session is there for the next', async () => {
  const { clock, store, broken, job } = world();
  const { engine } = await openWorld([job], { clock, store: { ...store, close: async () => undefined } });
  const session = await engine.start(job, oneToTen);
  const waiting = session.outcome().then(
    () => 'resolved',
    (error: { code: string }) => error.code,
  );
  broken.add('commit');
  await until('it waits', async () => (await session.state()).waitingFor !== null);
  const closing = engine.close({ grace: 0 });
  await clock.advance(10_000);
  await closing;
  assert.is(await waiting, 'ENGINE_CLOSED');
  broken.clear();
  const next = await openWorld([job], { clock, store });
  const [resumed] = (await next.engine.resume()).resumed;
  assert.is(await resumed?.result(), 55);
  assert.is(resumed?.id, session.id);
  await next.engine.close();
});

test('a value that the store can never write fails its own session at once, and no other', async () => {
  const { clock, store, job } = world();
  const picky: Store = {
    ...store,
    commit: async (commit) => {
      const written = commit.sessions.flatMap(({ writes }) => writes ?? []);
      if (written.some(({ error }) => error?.message === 'not to be written')) throw new TypeError('cannot be bound');
      return store.commit(commit);
    },
  };
  const door = gate();
  const work = defineWork({
    each: async (item: number) => {
      await door.opened;
      if (item === 2) throw new Error('not to be written');
      return item;
    },
  });
  const refused = defineJob(work, {
    name: 'refused',
    source: (input: readonly number[]) => input,
    chunk: byCount(1),
    retry: { attempts: 1 },
    concurrency: 2,
  });
  const { engine } = await openWorld([job, refused], { clock, store: picky });
  const bad = await engine.start(refused, [2]);
  const innocent = await engine.start(job, oneToTen);
  door.open();
  const { status, error } = await bad.outcome();
  assert.equal([status, error?.message], ['failed', 'cannot be bound']);
  assert.is(await innocent.result(), 55);
  await engine.close();
});

test.run();
