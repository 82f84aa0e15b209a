import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { memory } from '../../../../src/adapters/stores/memory.ts';
import { controlPair, notCopying } from '../../../../src/adapters/stores/shadow/control.ts';
import { pairOf } from '../../../../src/adapters/stores/shadow/pair.ts';
import { shadow } from '../../../../src/adapters/stores/shadow.ts';
import { sqlite } from '../../../../src/adapters/stores/sqlite.ts';
import { manualClock } from '../../../../src/conformance.ts';
import { suite } from '../../../support/suite.ts';
import { flaky } from './flaky.ts';
import { passing, settle } from './pairs.ts';
import { inWords, recount } from './recount.ts';
import { playScript } from './script.ts';

const test = suite('10,000 transitions beside a copy that is slow and fails one time in ten');
const transitions = 10_000;
const start = manualClock().now();
const trouble = { takesMs: 8, failsIn10: 1 };

/** How many turns of the microtask queue pass until an answer is there. */
async function turnsOf<T>(make: () => Promise<T>): Promise<{ readonly answer: T; readonly turns: number }> {
  let turns = 0;
  let isCounting = true;
  const count = (): void => {
    turns++;
    if (isCounting) queueMicrotask(count);
  };
  queueMicrotask(count);
  const answer = await make();
  isCounting = false;
  return { answer, turns };
}

test('the deciding store gives the same answers, each in as many turns as alone', async () => {
  const play = async (isPair: boolean) => {
    const clock = manualClock();
    const primary = memory({ clock });
    const copy = flaky(memory({ clock }), { clock, ...trouble });
    const store = isPair ? shadow(primary, copy, { clock }) : primary;
    await passing(clock, store.open());
    // The copy took its time when the pair was made.
    clock.advance(start + 10_000 - clock.now());
    const turns: number[] = [];
    const call = async <T>(make: () => Promise<T>): Promise<T> => {
      const { answer, turns: taken } = await turnsOf(make);
      turns.push(taken);
      return answer;
    };
    // Between two calls the copy has its turn, as it has between the steps of a host.
    const before = async (): Promise<void> => {
      clock.advance(1);
      await new Promise(setImmediate);
    };
    return { ...(await playScript(store, { transitions, before, call })), turns, copy };
  };
  const [alone, paired] = [await play(false), await play(true)];
  assert.ok(alone.transitions >= transitions);
  const other = alone.answers.findIndex((answer, index) => answer !== paired.answers[index]);
  assert.is(paired.answers[other], alone.answers[other], 'the first answer that is another');
  assert.equal([paired.answers.length, paired.turns], [alone.answers.length, alone.turns]);
  assert.ok(
    paired.copy.failed() > 5 && paired.copy.failed() < paired.copy.calls() / 5,
    'the copy was asked, and failed now and then',
  );
});

test(
  'a comparison lists exactly the differences at any time, and once all is copied there are none',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-shadow-'));
    try {
      const clock = manualClock();
      const [old, other] = [join(folder, 'old.db'), join(folder, 'new.db')];
      const [primary, secondary] = [sqlite(old, { clock }), sqlite(other, { clock })];
      const store = shadow(primary, flaky(secondary, { clock, ...trouble }), { clock });
      await passing(clock, store.open());
      // Asked beside the copier, at once: its own secondary is slow.
      const control = controlPair(pairOf(alreadyOpen(primary), alreadyOpen(secondary)), notCopying);
      let operations = 0;
      let compared = 0;
      let different = 0;
      const before = async (): Promise<void> => {
        clock.advance(1);
        await new Promise(setImmediate);
        if (++operations % 200 !== 0) return;
        const [comparison, counted] = [await control.compare({ limit: 1_000_000 }), await recount(old, other)];
        assert.equal(inWords(comparison.differences), counted.differences);
        assert.is(comparison.rows, counted.rows);
        assert.is(comparison.ratio, (counted.rows - counted.differences.length) / counted.rows);
        compared++;
        different += Number(counted.differences.length > 0);
      };
      const played = await playScript(store, { transitions, before });
      assert.ok(played.transitions >= transitions);
      assert.ok(compared >= 5 && different >= 5, `${compared} comparisons, ${different} with differences`);

      await settle(store, clock);
      assert.equal(await recount(old, other).then(({ differences }) => differences), []);
      assert.is((await control.compare()).ratio, 1);
      await passing(clock, store.close());
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  { timeoutMs: 60_000 },
);

function alreadyOpen<S extends { open(): Promise<void>; close(): Promise<void> }>(store: S): S {
  return { ...store, open: async () => undefined, close: async () => undefined };
}

test.run();
