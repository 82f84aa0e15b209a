import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import { keepLease } from '../../src/engine/ports/lease.ts';
import { byCount } from '../../src/model/chunkers.ts';
import type { OwnerId } from '../../src/model/ids.ts';
import { defineJob } from '../../src/model/job.ts';
import { silentLogger } from '../../src/model/logger.ts';
import type { Commit, Store } from '../../src/model/store.ts';
import { defineWork } from '../../src/model/work.ts';
import { gate, openWorld, shared } from '../support/engine-world.ts';
import { manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';
import { turns, until } from '../support/turns.ts';

const test = suite('clocks and leases');

test('a host whose clock goes ahead of the store retries all the same', async () => {
  const clock = manualClock();
  // What the store is asked by is its own clock: the host's is two hours ahead.
  const ahead = { ...clock, now: () => clock.now() + 7_200_000 };
  const work = defineWork({
    each: (item: number, { attempt }) => {
      if (attempt === 1) throw new Error('not yet');
      return item;
    },
  });
  const job = defineJob(work, {
    name: 'second-try',
    source: (input: readonly number[]) => input,
    chunk: byCount(1),
    combine: (left, right) => left + right,
  });
  const { engine } = await openWorld([job], { clock: ahead as typeof clock, store: memory({ clock }) });
  const outcome = engine.run(job, [1, 2, 3]);
  let isOver = false;
  void outcome.finally(() => {
    isOver = true;
  });
  await until('it is over', async () => {
    await clock.advance(500);
    return isOver;
  });
  assert.equal([(await outcome).status, (await outcome).result], ['completed', 6]);
  await engine.close();
});

test('a lease that was found lost between two beats is not asked for again', async () => {
  const clock = manualClock();
  const asked: number[] = [];
  const store = { renewOwner: async () => void asked.push(clock.now()) } as unknown as Store;
  let lost = 0;
  const ports = { store, clock, logger: silentLogger, owner: 'owner' as OwnerId, leaseMs: 30_000 };
  const lease = keepLease(
    ports,
    () => undefined,
    () => {
      lost++;
    },
  );
  await lease.stretch(60_000);
  assert.equal([asked.length, lost, clock.pending({ background: true })], [1, 1, 0]);
  await clock.advance(60_000);
  assert.is(asked.length, 1);
});

test('what waits to be claimed when the lease is lost is not claimed under the new owner', async () => {
  const clock = manualClock();
  const real = shared(memory({ clock }));
  const owners = new Set<string>();
  const answered = gate();
  let isHeld = true;
  const slow: Store = {
    ...real,
    supports: { durable: true, shared: true },
    // Before work in place the lease is stretched; here that answer comes late, and says that it was lost.
    renewOwner: async (owner, ms) => {
      if (ms < 60_000) return real.renewOwner(owner, ms);
      if (isHeld) await answered.opened;
      return isHeld ? undefined : real.renewOwner(owner, ms);
    },
    commit: (commit: Commit) => {
      for (const { claim } of commit.sessions) if (claim) owners.add(`${commit.owner} ${commit.sessions[0]?.epoch}`);
      return real.commit(commit);
    },
  };
  const job = defineJob(defineWork({ each: (item: number) => item }), {
    name: 'numbers',
    source: (input: readonly number[]) => input,
    chunk: byCount(1),
    concurrency: 2,
    combine: (left, right) => left + right,
  });
  const { engine } = await openWorld([job], { clock, store: slow, resume: 'auto' });
  const session = await engine.start(job, [1, 2, 3, 4]);
  await turns(20);
  answered.open();
  await turns(5);
  isHeld = false;
  const result = session.result();
  let isOver = false;
  void result.finally(() => {
    isOver = true;
  });
  await until('it is over', async () => {
    await clock.advance(1_000);
    return isOver;
  });
  assert.is(await result, 10);
  const epochs = [...owners].map((claim) => claim.split(' '));
  assert.is(new Set(epochs.map(([owner]) => owner)).size, epochs.length, 'no owner claims under two epochs');
  assert.ok(Number(epochs.at(-1)?.[1]) > 1, 'the session was taken on anew');
  await engine.close();
});

test.run();
