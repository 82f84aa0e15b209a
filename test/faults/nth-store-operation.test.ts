import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import { sqlite } from '../../src/adapters/stores/sqlite.ts';
import type { Engine } from '../../src/engine/api/api.ts';
import type { Session } from '../../src/engine/api/session.ts';
import type { Clock } from '../../src/model/clock.ts';
import type { SessionId } from '../../src/model/ids.ts';
import type { Store } from '../../src/model/store.ts';
import { openWorld, shared } from '../support/engine-world.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';
import { turns } from '../support/turns.ts';
import { assertEnded } from './support/end-invariants.ts';
import { type FaultWay, faultWays, faultyStore } from './support/faulty-store.ts';
import { type WitnessedJob, witnessedJob, witnessedJobs } from './support/witnessed-jobs.ts';

/*
 * The n-th operation of a store goes wrong, for every n of a small session, in three ways. Afterwards all is as if nothing had
 * happened: the same result, each item in one place, one recorded result, no batch executed twice, and nothing left in the host.
 */

/** What is done with the session while it runs. */
interface Plot {
  readonly name: string;
  /** Whether what is done leaves it to chance which items are completed. */
  readonly cutsShort?: boolean;
  /** Before the faults begin; answers the session to go on with, if there is one already. */
  before?(ground: Ground): Promise<SessionId>;
  act?(session: Session<unknown, unknown>, ground: Ground): Promise<void>;
}

interface Ground {
  readonly made: WitnessedJob;
  readonly clock: ManualClock;
  readonly store: Store;
}

const ranAtLeast = async ({ made, clock }: Ground, count: number): Promise<void> => {
  for (let tries = 0; made.witness.ran.length < count && tries < 1_000; tries++) await turns(1);
  if (made.witness.ran.length < count) await clock.advance(0);
};

const plots: readonly Plot[] = [
  { name: 'that runs through' },
  {
    name: 'that is paused and goes on',
    async act(session, ground) {
      await session.pause();
      await ranAtLeast(ground, 2);
      await session.unpause();
    },
  },
  {
    name: 'that is cancelled',
    cutsShort: true,
    async act(session, ground) {
      await ranAtLeast(ground, 2);
      await session.cancel('enough');
    },
  },
  {
    name: 'that another host left',
    async before({ made, clock, store }) {
      const first = await openWorld([made.job], { clock, store });
      const { id } = await first.engine.start(made.job, made.input);
      while (made.witness.ran.length < 2) await turns(1);
      await first.engine.close({ grace: 0 });
      return id as SessionId;
    },
  },
];

/** What is compared with the run without a fault. */
interface Ending {
  readonly status: string;
  readonly result: unknown;
  readonly error: string | undefined;
  readonly ran: readonly number[];
  readonly finalized: number;
  readonly dead: readonly string[];
}

interface Run {
  readonly hit: keyof Store | undefined;
  readonly ending: Ending;
}

/** Asks again every ten seconds what is answered with an error: a supervisor that starts a host, a page that shows a session. */
async function insist<T>(clock: ManualClock, ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries === 10) throw error;
      await new Promise<void>((resolve) => void clock.after(10_000, resolve));
    }
  }
}

/** Lets time pass until a promise has settled. */
async function drive<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let over = false;
  const end = (): void => {
    over = true;
  };
  promise.then(end, end);
  for (let step = 0; step < 2_000 && !over; step++) {
    await turns(3);
    // Temp folders are removed by the machine, which has a time of its own.
    if (step > 100) await delay(1);
    if (!over) await clock.advance(500);
  }
  if (!over) throw new Error('After 1,000 seconds it has not ended.');
  return promise;
}

async function find(engine: Engine, { job }: WitnessedJob, id: SessionId): Promise<Session<unknown, unknown>> {
  const found = await engine.find(job, { id });
  assert.ok(found);
  return found;
}

async function runWith(ground: Ground, plot: Plot, at: number, way: FaultWay): Promise<Run> {
  const { made, clock, store } = ground;
  const left = await plot.before?.(ground);
  const faulty = faultyStore(store, clock);
  faulty.arm(at, way);
  const open = () => openWorld([made.job], { clock, store: faulty.store, resume: 'auto' });
  const { engine } = await drive(clock, insist(clock, open));
  const reach = () => (left === undefined ? engine.start(made.job, made.input) : find(engine, made, left));
  const session = await drive(clock, left === undefined ? reach() : insist(clock, reach));
  await drive(clock, plot.act?.(session, ground) ?? Promise.resolve());
  const outcome = await drive(clock, session.outcome());
  const closed = await drive(
    clock,
    engine.close().then(
      () => undefined,
      (error: Error) => error,
    ),
  );
  const { hit } = faulty;
  if (closed) assert.match(closed.message, 'the store to removeOwner');
  // What the store itself still has under way is the store's: its late answer changes nothing.
  if (hit) await clock.advance(60_000);
  assert.is(clock.pending({ background: true }), 0, 'no timer is left');
  const id = session.id as SessionId;
  for (const epoch of [1, 2, 3]) assert.not(existsSync(join(tmpdir(), `millrace-${process.getuid?.()}`, `${id}.${epoch}`)));
  await assertEnded(store, id);
  const letters = await store.listDeadLetters({ sessionId: id, after: 0, limit: 100 });
  assert.ok(new Set(made.witness.finalized).size <= 1, 'one finalize id');
  const ending = {
    status: outcome.status,
    result: outcome.result,
    error: outcome.error?.message,
    ran: [...made.witness.ran].sort(),
    finalized: made.witness.finalized.length,
    dead: letters.map(({ itemId }) => itemId),
  };
  made.witness.ran.length = 0;
  made.witness.finalized.length = 0;
  return { hit, ending };
}

/** More operations than any of these sessions needs. */
const never = 100_000;

async function tryAll(made: WitnessedJob, plot: Plot, openStore: (clock: Clock) => Promise<Store>): Promise<void> {
  const clock = manualClock();
  const store = shared(await openStore(clock));
  const ground = { made, clock, store };
  const { ending: whole } = await runWith(ground, plot.cutsShort ? { name: 'whole' } : plot, never, 'hang');
  const living = made.input.filter((item) => !made.dead.includes(item));
  assert.equal([whole.status, whole.result], ['completed', living.map((item) => item ** 2)]);
  for (const way of faultWays) {
    let tried = 0;
    for (let at = 1; ; at++) {
      const { hit, ending } = await runWith(ground, plot, at, way).catch((error: Error) => {
        throw new Error(`${way} at operation ${at}: ${error.stack}`);
      });
      if (hit === undefined) break;
      tried++;
      const where = `${way} at operation ${at}, ${hit}`;
      // A cancel that comes late finds the session at its end.
      if (plot.cutsShort && ending.status === 'cancelled') continue;
      // Without a word for longer than its lease, a host is taken for dead: then work may run again, and nothing else may happen.
      const known = way === 'outage' ? { ran: ending.ran, finalized: ending.finalized } : {};
      assert.equal(ending, { ...whole, ...known }, where);
      assert.equal(new Set(ending.ran), new Set(whole.ran), where);
    }
    assert.ok(tried >= 10, `${tried} operations`);
  }
}

interface Site {
  /** All jobs in memory; on disk, where each operation costs more, those with the most ways to go. */
  readonly jobs: readonly (typeof witnessedJobs)[number][];
  with(body: (open: (clock: Clock) => Promise<Store>) => Promise<void>): Promise<void>;
}

const sites: Readonly<Record<string, Site>> = {
  memory: { jobs: witnessedJobs, with: (body) => body(async (clock) => memory({ clock })) },
  sqlite: {
    jobs: ['slices', 'retry'],
    async with(body) {
      const folder = await mkdtemp(join(tmpdir(), 'millrace-nth-'));
      let opened: Store | undefined;
      try {
        await body(async (clock) => {
          opened = sqlite(join(folder, 'store.db'), { clock });
          await opened.open();
          return opened;
        });
      } finally {
        await opened?.close();
        await rm(folder, { recursive: true, force: true });
      }
    },
  },
};

for (const [kind, site] of Object.entries(sites)) {
  const test = suite(`the n-th operation of a ${kind} store goes wrong`);
  for (const name of site.jobs) {
    for (const plot of plots) {
      const title = `in a session of ${name} ${plot.name}`;
      test(title, () => site.with((open) => tryAll(witnessedJob(name), plot, open)), { timeoutMs: 60_000 });
    }
  }
  test.run();
}
