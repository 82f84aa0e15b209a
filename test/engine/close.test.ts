import * as assert from 'uvu/assert';
import { inline } from '../../src/adapters/executors/inline.ts';
import { memory } from '../../src/adapters/stores/memory.ts';
import { byCount } from '../../src/model/chunkers.ts';
import type { MillraceError } from '../../src/model/errors.ts';
import { defineJob } from '../../src/model/job.ts';
import { defineWork, type WorkContext, type WorkSource } from '../../src/model/work.ts';
import { collect, gate, openWorld, shared } from '../support/engine-world.ts';
import { manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';
import { turns, until } from '../support/turns.ts';

const test = suite('close');

/** How a promise ended: the code of its error, or `resolved`. */
function endOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'resolved',
    (error: MillraceError) => error.code,
  );
}

/** A job whose items wait at one door. With `obeys`, they also end when their signal aborts. */
function doorJob(obeys = true) {
  const door = gate();
  const begun: number[] = [];
  const aborted: number[] = [];
  const work = defineWork({
    each: async (item: number, { signal }) => {
      begun.push(item);
      const abort = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted.push(item);
          if (obeys) reject(signal.reason);
        });
      });
      await Promise.race([door.opened, abort]);
      return item;
    },
  });
  const job = defineJob(work, {
    name: 'door',
    source: (input: readonly number[]) => input,
    chunk: byCount(1),
    combine: (left, right) => left + right,
  });
  return { job, door, begun, aborted };
}

test('running batches end within the grace time, the rest is handed back, and the next engine goes on', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { job, door, begun } = doorJob();
  const { engine } = await openWorld([job], { clock, store });
  const session = await engine.start(job, [1, 2, 3, 4]);
  const waiting = endOf(session.outcome());
  await until('the first runs', () => begun.length === 1);
  const closing = engine.close();
  await turns(5);
  door.open();
  await closing;
  assert.is(await waiting, 'ENGINE_CLOSED');
  const record = await store.getSession(session.id);
  assert.is(record?.counts.batches.completed, 1, 'what ran was settled');
  assert.is(record?.counts.batches.running, 0);
  assert.is(record?.coordinator, null);
  const next = await openWorld([job], { clock, store });
  const [left] = await collect(next.engine.sessions());
  assert.match(left?.waitingFor ?? '', /^a host that goes on with it: the last one let go of it in order/);
  const { resumed } = await next.engine.resume();
  assert.is(await resumed[0]?.result(), 10);
  assert.equal(begun, [1, 2, 3, 4]);
  await next.engine.close();
});

for (const size of [1, 2]) {
  test(`a close while the source makes it wait loses nothing of the input, in chunks of ${size}`, async () => {
    const clock = manualClock();
    const store = shared(memory({ clock }));
    const door = gate();
    let begun = 0;
    const job = defineJob(defineWork({ each: (item: number) => item }), {
      name: 'dripping',
      source: async function* (count: number) {
        begun++;
        for (let item = 0; item < count; item++) {
          if (item === 3) await door.opened;
          yield item;
        }
      },
      chunk: byCount(size),
      combine: (left, right) => left + right,
    });
    const { engine } = await openWorld([job], { clock, store });
    const session = await engine.start(job, 6);
    const waiting = endOf(session.outcome());
    await until('it is being read', () => begun === 1);
    await turns(5);
    await engine.close();
    assert.is(await waiting, 'ENGINE_CLOSED');
    assert.is((await store.getSession(session.id))?.position.ended, false);
    door.open();
    const next = await openWorld([job], { clock, store });
    const { resumed } = await next.engine.resume();
    assert.is(await resumed[0]?.result(), 15);
    await next.engine.close();
  });
}

test('what still runs when the grace time is over is aborted and handed back uncharged', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { job, begun, aborted } = doorJob();
  const { engine } = await openWorld([job], { clock, store });
  const session = await engine.start(job, [1, 2]);
  await until('the first runs', () => begun.length === 1);
  const closing = engine.close({ grace: '5s' });
  await clock.advance(4_999);
  assert.equal(aborted, []);
  await clock.advance(1);
  await closing;
  assert.equal(aborted, [1]);
  const [batch] = await store.listBatches({ sessionId: session.id, numbers: [0], limit: 1 });
  assert.is(batch?.state, 'pending');
  assert.is(batch?.attempt, 0);
});

test('work that does not listen holds the end up for a moment, not for ever', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { job, begun, door } = doorJob(false);
  const { engine } = await openWorld([job], { clock, store });
  const session = await engine.start(job, [1, 2]);
  const waiting = endOf(session.outcome());
  await until('the first runs', () => begun.length === 1);
  let isClosed = false;
  const closing = engine.close({ grace: 0 }).then(() => {
    isClosed = true;
  });
  await until('it is closed', async () => {
    await clock.advance(1_000);
    return isClosed;
  });
  await closing;
  assert.is(await waiting, 'ENGINE_CLOSED');
  const next = await openWorld([job], { clock, store });
  door.open();
  const { resumed } = await next.engine.resume();
  assert.is(await resumed[0]?.result(), 3, 'its claim was free at once');
  await next.engine.close();
});

test('a finalize that runs may end within the grace time', async () => {
  const door = gate();
  let isFinalizing = false;
  const job = defineJob(defineWork({ each: (item: number) => item }), {
    name: 'finalizing',
    source: (input: readonly number[]) => input,
    chunk: byCount(1),
    finalize: async () => {
      isFinalizing = true;
      await door.opened;
      return 'made';
    },
  });
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, [1]);
  const outcome = session.outcome();
  await until('it finalizes', () => isFinalizing);
  const closing = engine.close();
  await turns(5);
  door.open();
  await closing;
  assert.is((await outcome).result, 'made');
});

test('a finalize that outlasts the grace time is aborted, and the session stays resumable', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  let tries = 0;
  const job = defineJob(defineWork({ each: (item: number) => item }), {
    name: 'finalizing',
    source: (input: readonly number[]) => input,
    chunk: byCount(1),
    finalize: ({ signal }) => {
      if (++tries > 1) return 'made';
      return new Promise<string>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    },
  });
  const { engine } = await openWorld([job], { clock, store });
  const session = await engine.start(job, [1]);
  const waiting = endOf(session.outcome());
  await until('it finalizes', () => tries === 1);
  const closing = engine.close({ grace: '1s' });
  await clock.advance(1_000);
  await closing;
  assert.is(await waiting, 'ENGINE_CLOSED');
  assert.is((await store.getSession(session.id))?.state, 'finalizing');
  const next = await openWorld([job], { clock, store });
  const { resumed } = await next.engine.resume();
  assert.is(await resumed[0]?.result(), 'made');
  await next.engine.close();
});

test('a finalize that was cut short by a shutdown has not failed: the next host has all its tries', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  let tries = 0;
  const job = defineJob(defineWork({ each: (item: number) => item }), {
    name: 'finalizing',
    source: (input: readonly number[]) => input,
    chunk: byCount(1),
    retry: { attempts: 2, backoff: { type: 'fixed', base: '1s', jitter: false } },
    finalize: async ({ signal }) => {
      tries++;
      if (tries === 2) throw new Error('no connection');
      if (tries === 1) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      return 'made';
    },
  });
  const { engine } = await openWorld([job], { clock, store });
  await engine.start(job, [1]);
  await until('it finalizes', () => tries === 1);
  const closing = engine.close({ grace: 0 });
  await clock.advance(1_000);
  await closing;
  const next = await openWorld([job], { clock, store });
  const { resumed } = await next.engine.resume();
  const result = resumed[0]?.result();
  await until('it failed once', () => tries === 2);
  await clock.advance(1_000);
  assert.is(await result, 'made');
  await next.engine.close();
});

test('a closed engine refuses everything, and may be closed again', async () => {
  const { job } = doorJob();
  const { engine } = await openWorld([job]);
  await engine.close();
  await engine.close();
  assert.is(await endOf(engine.start(job, [1])), 'ENGINE_CLOSED');
  assert.is(await endOf(engine.find(job, { key: 'k' })), 'ENGINE_CLOSED');
  assert.is(await endOf(engine.resume()), 'ENGINE_CLOSED');
  assert.is(await endOf(engine.prune({ olderThan: '1d' })), 'ENGINE_CLOSED');
  assert.is(await endOf((async () => collect(engine.sessions()))()), 'ENGINE_CLOSED');
});

test('a handle of a closed engine says that the engine is closed, not that its store is', async () => {
  const { job, door } = doorJob();
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, [1]);
  door.open();
  assert.is((await session.outcome()).status, 'completed');
  await engine.close();
  assert.is(await endOf(session.state()), 'ENGINE_CLOSED');
  assert.is(await endOf(session.latestResult()), 'ENGINE_CLOSED');
  assert.is(await endOf(session.cancel()), 'ENGINE_CLOSED');
  assert.is(await endOf(session.replay()), 'ENGINE_CLOSED');
  assert.is(await endOf(session.purgeDeadLetters()), 'ENGINE_CLOSED');
  assert.is(await endOf(collect(session.deadLetters())), 'ENGINE_CLOSED');
  assert.is(await endOf(collect(session.outputs())), 'ENGINE_CLOSED');
});

test('who waits for a session of another host learns of the close at once', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { job, begun } = doorJob();
  const there = await openWorld([job], { clock, store });
  const session = await there.engine.start(job, [1]);
  await until('it runs', () => begun.length === 1);
  const here = await openWorld([job], { clock, store });
  const other = await here.engine.find(job, { id: session.id });
  const waiting = endOf(other?.outcome() ?? Promise.resolve());
  await turns(3);
  await here.engine.close();
  assert.is(await waiting, 'ENGINE_CLOSED');
  const closing = there.engine.close({ grace: 0 });
  await clock.advance(1);
  await closing;
  assert.is(clock.pending({ background: true }), 0, 'no timer is left');
});

test('an engine that is disposed of is closed', async () => {
  const { job } = doorJob();
  const { engine } = await openWorld([job]);
  await engine[Symbol.asyncDispose]();
  assert.is(await endOf(engine.start(job, [1])), 'ENGINE_CLOSED');
});

test('a session whose handle is disposed of is cancelled', async () => {
  const { job, begun } = doorJob();
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, [1]);
  await until('it runs', () => begun.length === 1);
  await session[Symbol.asyncDispose]();
  assert.is((await session.outcome()).status, 'cancelled');
  await engine.close();
});

test('a session that was joined or found is not cancelled when that handle is disposed of', async () => {
  const { job, begun, door } = doorJob();
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, [1], { key: 'one' });
  await until('it runs', () => begun.length === 1);
  const joined = await engine.start(job, [1], { key: 'one' });
  assert.is(joined.started, false);
  await joined[Symbol.asyncDispose]();
  await (await engine.find(job, { key: 'one' }))?.[Symbol.asyncDispose]();
  assert.is((await session.state()).status, 'running');
  door.open();
  assert.is((await session.outcome()).status, 'completed');
  await engine.close();
});

test('no timer, actor or subscription is left', async () => {
  const { job, begun } = doorJob();
  const { engine, clock } = await openWorld([job]);
  const stopped: string[] = [];
  engine.system.inspect((event) => {
    if (event.type === '@xstate.snapshot' && (event.snapshot as { status: string }).status === 'stopped')
      stopped.push((event.actorRef as unknown as { id: string }).id);
  });
  const session = await engine.start(job, [1]);
  await until('it runs', () => begun.length === 1);
  const closing = engine.close({ grace: 0 });
  await clock.advance(1);
  await closing;
  assert.is(clock.pending({ background: true }), 0);
  assert.ok(stopped.includes(session.id), stopped.join(' '));
});

test('a start that the engine is closed under rejects, whichever step it has reached, and leaves nothing that runs', async () => {
  for (const heldAt of ['settings', 'createSession'] as const) {
    const clock = manualClock();
    const inner = shared(memory({ clock }));
    const answer = gate();
    let reached = false;
    const wait = async (step: typeof heldAt): Promise<void> => {
      if (step !== heldAt) return;
      reached = true;
      await answer.opened;
    };
    const store = {
      ...inner,
      createSession: async (session: Parameters<typeof inner.createSession>[0]) => {
        const made = await inner.createSession(session);
        await wait('createSession');
        return made;
      },
    };
    const job = defineJob(defineWork({ each: (item: number, _: WorkContext<object>) => item }), {
      name: 'late',
      source: (input: readonly number[]) => input,
      settings: async () => {
        await wait('settings');
        return {};
      },
      chunk: byCount(1),
    });
    const { engine } = await openWorld([job], { clock, store });
    const started = endOf(engine.start(job, [1]));
    await until('the start is on its way', () => reached);
    await engine.close();
    answer.open();
    assert.is(await started, 'ENGINE_CLOSED', heldAt);
    const orphans = await inner.listSessions({ orphaned: true, limit: 9 });
    assert.is(orphans.length, heldAt === 'settings' ? 0 : 1, 'what was recorded can be resumed');
  }
});

test('the store is closed although the host could not sign off, or could not be registered', async () => {
  const clock = manualClock();
  const { job } = doorJob();
  for (const method of ['removeOwner', 'registerOwner'] as const) {
    let isClosed = false;
    const store = {
      ...memory({ clock }),
      [method]: async () => {
        throw new Error('disk is full');
      },
      close: async () => {
        isClosed = true;
      },
    };
    const ended = openWorld([job], { clock, store }).then(({ engine }) => engine.close());
    const error = await ended.catch((thrown: Error) => thrown);
    assert.is((error as Error).message, 'disk is full');
    assert.is(isClosed, true, method);
  }
});

test('a close waits for the look at sessions left behind, takes none of them on, and leaves no worker behind', async () => {
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const { job } = doorJob();
  const door = gate();
  let loading = 0;
  let open = 0;
  const slow = (_: unknown, slots: number) => {
    const executor = inline({ slots });
    open++;
    return {
      ...executor,
      async load(source: WorkSource) {
        loading++;
        await door.opened;
        return executor.load(source);
      },
      async close() {
        open--;
        await executor.close();
      },
    };
  };
  const heir = await openWorld([job], { clock, store, resume: 'auto', executors: slow });
  const first = await openWorld([job], { clock, store });
  const { id } = await first.engine.start(job, [1, 2]);
  const leaving = first.engine.close();
  await clock.advance(2_000);
  await leaving;

  const beat = clock.advance(8_000);
  await until('the heir looks at it', () => loading > 0);
  let isClosed = false;
  const closing = heir.engine.close().then(() => {
    isClosed = true;
  });
  await turns(20);
  assert.is(isClosed, false, 'the look is still under way');
  door.open();
  await Promise.all([closing, beat]);
  assert.equal([open, heir.lines.filter(({ level }) => level !== 'info')], [0, []]);
  const record = await store.getSession(id);
  assert.equal([record?.coordinator, record?.epoch], [null, 1], 'it is still for whoever comes next');
});

test.run();
