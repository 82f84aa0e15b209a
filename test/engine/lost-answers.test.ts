import { randomUUID } from 'node:crypto';
import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import { byCount } from '../../src/model/chunkers.ts';
import type { SessionId } from '../../src/model/ids.ts';
import { defineJob } from '../../src/model/job.ts';
import type { SessionCommit, Store } from '../../src/model/store.ts';
import { defineWork } from '../../src/model/work.ts';
import { gate, openWorld, shared } from '../support/engine-world.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';
import { until } from '../support/turns.ts';

const test = suite('lost answers');

/** Awaits something while the time goes on, for retries to come. */
async function soon<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let isOver = false;
  const done = (): void => {
    isOver = true;
  };
  promise.then(done, done);
  await until('it is over', async () => {
    await clock.advance(100);
    return isOver;
  });
  return promise;
}

/** Adds up; an item that is named fails once, so that a claim of it comes alone. */
function sumJob(ran: number[] = [], failsOnce?: number) {
  const work = defineWork({
    each: (item: number, { attempt }) => {
      ran.push(item);
      if (item === failsOnce && attempt === 1) throw new Error('not yet');
      return item;
    },
  });
  return defineJob(work, {
    name: 'sum',
    source: (input: readonly number[]) => input,
    chunk: byCount(1),
    combine: (left, right) => left + right,
    retry: { attempts: 2, backoff: { type: 'fixed', base: '1s', jitter: false } },
  });
}

const oneTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** Does a write, and loses the answer to the first one that is asked for. */
function losing(store: Store, isIt: (session: SessionCommit) => boolean): { store: Store; lost(): boolean } {
  let isLost = false;
  return {
    lost: () => isLost,
    store: {
      ...store,
      async commit(commit) {
        const answer = await store.commit(commit);
        if (!isLost && commit.sessions.some(isIt)) {
          isLost = true;
          throw new Error('connection lost');
        }
        return answer;
      },
    },
  };
}

const kinds: Readonly<Record<string, (session: SessionCommit) => boolean>> = {
  claim: ({ claim, enqueue }) => claim !== undefined && enqueue === undefined,
  'enqueue with its claims': ({ claim, enqueue }) => claim !== undefined && enqueue !== undefined,
  settle: ({ writes = [] }) => writes.length > 0,
  'end of the source': ({ enqueue }) => enqueue?.position.ended === true,
};

for (const [kind, isIt] of Object.entries(kinds)) {
  test(`a commit that was done although its answer was lost (${kind}) is done once, and the session ends as ever`, async () => {
    const clock = manualClock();
    const { store, lost } = losing(memory({ clock }), isIt);
    const ran: number[] = [];
    const job = sumJob(ran, 3);
    const { engine } = await openWorld([job], { clock, store });
    const outcome = await soon(clock, engine.run(job, oneTo(40)));
    assert.is(lost(), true);
    assert.equal([outcome.status, outcome.result], ['completed', 820]);
    assert.equal(outcome.counts.items, { total: 40, completed: 40, failed: 0, cancelled: 0 });
    assert.equal(
      ran.toSorted((left, right) => left - right),
      [...oneTo(40), 3].toSorted((left, right) => left - right),
      'nothing ran twice, but for the item that failed',
    );
    await engine.close();
  });
}

test('an adoption that was done although its answer was lost is done once, and the session is resumed', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const id = await leftBehind(store, clock);
  let adoptions = 0;
  const flaky: Store = {
    ...store,
    async adoptSession(...given) {
      const adopted = await store.adoptSession(...given);
      adoptions++;
      if (adoptions === 1) throw new Error('connection lost');
      return adopted;
    },
  };
  const job = sumJob();
  const { engine } = await openWorld([job], { clock, store: flaky });
  const { resumed } = await soon(clock, engine.resume());
  assert.is(await resumed[0]?.result(), 10);
  assert.equal([adoptions, (await store.getSession(id))?.epoch], [2, 2]);
  await engine.close();
});

test('several that resume one session at once, or replace it, take it on once', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  await leftBehind(store, clock);
  const ran: number[] = [];
  const job = sumJob(ran);
  const { engine } = await openWorld([job], { clock, store });
  const again = (): Promise<unknown> => engine.run(job, oneTo(4), { key: 'k' });
  const [first, second] = await soon(clock, Promise.all([engine.resume(), engine.resume(), again(), again()]));
  assert.is(first.resumed.length + second.resumed.length <= 1, true);
  assert.equal(new Set(ran).size, ran.length, 'nothing ran twice');
  await engine.close();
});

test('a session is found behind any number of orphans that nobody here can resume', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const id = await leftBehind(store, clock);
  const record = await store.getSession(id);
  assert.ok(record);
  for (let index = 0; index < 1_200; index++) {
    const other = randomUUID() as SessionId;
    await store.createSession({ ...record, id: other, key: other, job: 'unknown', coordinator: null });
  }
  let listed = 0;
  const counting: Store = {
    ...store,
    async listSessions(filter) {
      const rows = await store.listSessions(filter);
      listed += rows.length;
      return rows;
    },
  };
  const job = sumJob();
  const { engine } = await openWorld([job], { clock, store: counting });
  const { resumed, refused } = await engine.resume();
  assert.equal([resumed.length, refused.length], [1, 1_200]);
  assert.is(listed, 1_201, 'each orphan is read once');
  assert.is(await resumed[0]?.result(), 10);
  await engine.close();
});

/** A session of four items whose host left it at the second one. */
async function leftBehind(store: Store, clock: ManualClock): Promise<SessionId> {
  const door = gate();
  const work = defineWork({
    each: async (item: number) => {
      if (item === 2) await door.opened;
      return item;
    },
  });
  const job = defineJob(work, {
    name: 'sum',
    source: (input: readonly number[]) => input,
    chunk: byCount(1),
    combine: (left, right) => left + right,
  });
  const { engine } = await openWorld([job], { clock, store });
  const { id } = await engine.start(job, oneTo(4), { key: 'k' });
  await until('the first has completed', async () => (await store.getSession(id))?.counts.batches.completed === 1);
  await soon(clock, engine.close({ grace: 0 }));
  return id as SessionId;
}

test.run();
