import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import type { Session } from '../../src/engine/api/session.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { defineJob } from '../../src/model/job.ts';
import type { SeatPolicy } from '../../src/model/seats.ts';
import { defineWork } from '../../src/model/work.ts';
import { collect, type Gate, gate, openWorld, shared } from '../support/engine-world.ts';
import { manualClock } from '../support/manual-clock.ts';
import { mortal } from '../support/mortal.ts';
import { suite } from '../support/suite.ts';
import { turns, until } from '../support/turns.ts';

const test = suite('one session a user');

interface Input {
  readonly user: string;
  readonly run: string;
}

/** A job whose sessions each wait at a door of their own. */
function waitingJob(seats: Partial<SeatPolicy<Input>> = {}, name = 'syncs') {
  const started: string[] = [];
  const doors = new Map<string, Gate>();
  const doorOf = (run: string): Gate => {
    const door = doors.get(run) ?? gate();
    doors.set(run, door);
    return door;
  };
  const job = defineJob(
    defineWork({
      each: async (run: string) => {
        started.push(run);
        await doorOf(run).opened;
        return run;
      },
    }),
    {
      name,
      source: ({ run }: Input) => [run],
      chunk: byCount(1),
      combine: (left, right) => `${left}${right}`,
      concurrency: 20,
      seats: { key: ({ user }) => user, ...seats },
    },
  );
  return { job, started, open: (run: string) => doorOf(run).open() };
}

const stateOf = async (session: Session<unknown, unknown>): Promise<string> => (await session.state()).state;

test('a further session of a user waits as pending, says for what, and starts as soon as the other has ended', async () => {
  const { job, started, open } = waitingJob();
  const { engine, clock } = await openWorld([job]);
  const first = await engine.start(job, { user: 'ann', run: 'a1' });
  const second = await engine.start(job, { user: 'ann', run: 'a2' });
  const other = await engine.start(job, { user: 'bob', run: 'b1' });
  await until('both users are at work', () => started.length === 2);
  assert.equal(started, ['a1', 'b1']);
  const { state, waitingFor } = await second.state();
  assert.is(state, 'pending');
  assert.is(waitingFor, `a seat (1 for ann in syncs); ${first.id} of job syncs has it`);
  assert.is((await other.state()).waitingFor, null);
  const [listed] = await collect(engine.sessions({ status: 'pending' }));
  assert.equal([listed?.id, listed?.waitingFor], [second.id, waitingFor]);
  open('a1');
  assert.is(await first.result(), 'a1');
  await until('the next one is at work', () => started.length === 3);
  for (const run of ['a2', 'b1']) open(run);
  assert.equal([await second.result(), await other.result()], ['a2', 'b1']);
  await engine.close();
  assert.is(clock.pending({ background: true }), 0);
});

test('those that wait start in the order of their priority, then of their creation; a paused one lets others pass', async () => {
  const { job, started, open } = waitingJob();
  const { engine, clock } = await openWorld([job]);
  const start = (run: string, priority = 0) => engine.start(job, { user: 'ann', run }, { priority });
  const sessions = [await start('a'), await start('b'), await start('c'), await start('d', 5), await start('e')];
  await sessions[1]?.pause();
  for (const run of ['a', 'd', 'c', 'e', 'b']) {
    await until(`${run} is at work`, () => started.at(-1) === run);
    if (run === 'e') await sessions[1]?.unpause();
    open(run);
    await clock.advance(1_000);
  }
  for (const session of sessions) await session.result();
  assert.equal(started, ['a', 'd', 'c', 'e', 'b']);
  await engine.close();
});

test('as many sessions of a key run at once as its limit says, over jobs of one group', async () => {
  const tracks = waitingJob({ limit: 2, group: 'users' }, 'tracks');
  const mails = waitingJob({ limit: 2, group: 'users' }, 'mails');
  const { engine } = await openWorld([tracks.job, mails.job]);
  const sessions = [
    await engine.start(tracks.job, { user: 'ann', run: 't1' }),
    await engine.start(mails.job, { user: 'ann', run: 'm1' }),
    await engine.start(tracks.job, { user: 'ann', run: 't2' }),
  ];
  await until('two are at work', () => tracks.started.length + mails.started.length === 2);
  await turns(50);
  assert.equal([await stateOf(sessions[2] as never), tracks.started], ['pending', ['t1']]);
  mails.open('m1');
  await until('the third is at work', () => tracks.started.length === 2);
  for (const run of ['t1', 't2']) tracks.open(run);
  for (const session of sessions) await session.result();
  await engine.close();
});

test('one that waits can be cancelled, and be closed with its host: then another host goes on with it', async () => {
  const { job, started, open } = waitingJob();
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const [first, second] = [await openWorld([job], { clock, store }), await openWorld([job], { clock, store })];
  const holder = await first.engine.start(job, { user: 'ann', run: 'a1' });
  await until('it is at work', () => started.length === 1);
  const cancelled = await second.engine.start(job, { user: 'ann', run: 'a2' });
  const left = await second.engine.start(job, { user: 'ann', run: 'a3' });
  await cancelled.cancel('not any more');
  assert.is((await cancelled.outcome()).status, 'cancelled');
  await second.engine.close();
  const { resumed } = await first.engine.resume();
  assert.equal(
    resumed.map(({ id }) => id),
    [left.id],
  );
  open('a1');
  await holder.result();
  await until('the one that was left is at work', () => started.at(-1) === 'a3');
  open('a3');
  assert.is(await resumed[0]?.result(), 'a3');
  await first.engine.close();
  assert.is(clock.pending({ background: true }), 0);
});

test('over hosts, too: a host looks every second whether another one has left a seat', async () => {
  const { job, started, open } = waitingJob();
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const [first, second] = [await openWorld([job], { clock, store }), await openWorld([job], { clock, store })];
  const holder = await first.engine.start(job, { user: 'ann', run: 'a1' });
  const waits = await second.engine.start(job, { user: 'ann', run: 'a2' });
  await until('it is at work', () => started.length === 1);
  open('a1');
  await holder.result();
  assert.is(await stateOf(waits), 'pending');
  await clock.advance(1_000);
  open('a2');
  assert.is(await waits.result(), 'a2');
  await Promise.all([first.engine.close(), second.engine.close()]);
});

test('the session of a dead host keeps its seat until it is resumed and has ended; a dead host that waited keeps nobody waiting', async () => {
  const { job, started, open } = waitingJob();
  const clock = manualClock();
  const store = shared(memory({ clock }));
  const life = mortal(store);
  const dying = await openWorld([job], { clock, store: life.store });
  const holder = await dying.engine.start(job, { user: 'ann', run: 'a1' });
  const waited = await dying.engine.start(job, { user: 'ann', run: 'a2' }, { priority: 9 });
  await until('it is at work', () => started.length === 1);
  life.die();
  // Work in place may block its host's loop: its lease was stretched to an hour.
  await clock.advance(3_700_000);
  const living = await openWorld([job], { clock, store });
  const third = await living.engine.start(job, { user: 'ann', run: 'a3' });
  await clock.advance(2_000);
  assert.is(await stateOf(third), 'pending');
  const again = (await living.engine.resume({ id: holder.id })).resumed;
  open('a1');
  await until('the holder has ended', async () => (await stateOf(again[0] as never)) === 'completed');
  await until('the third is at work, though one of a dead host was before it', () => started.at(-1) === 'a3');
  assert.is(started.includes('a2'), false);
  open('a3');
  assert.is(await third.result(), 'a3');
  assert.is((await store.getSession(waited.id))?.state, 'pending');
  await living.engine.close();
});

test('seats that can not be are refused, and so is a key that is no text', async () => {
  const wrong: readonly [object, RegExp][] = [
    [{ key: undefined }, /seats\.key must be given/],
    [{ limit: 0 }, /seats\.limit must be a whole number from 1 to 1000/],
    [{ group: 'a\nb' }, /seats\.group must be a text of one line/],
    [{ seats: 3 }, /an option that exists/],
  ];
  for (const [seats, message] of wrong) assert.throws(() => waitingJob(seats as never), message);
  const { job } = waitingJob({ key: () => 7 as never });
  const { engine } = await openWorld([job]);
  const refusal = await engine.start(job, { user: 'ann', run: 'x' }).catch((error: Error) => error.message);
  assert.match(String(refusal), /syncs: seats\.key must be a text that is not empty/);
  await engine.close();
});

test.run();
