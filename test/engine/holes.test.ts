import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { createCombiner } from '../../src/engine/live/combine.ts';
import { gapsOf } from '../../src/engine/live/missing-items.ts';
import type { Persist } from '../../src/engine/ports/persist.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { encode } from '../../src/model/codec.ts';
import { type MillraceError, PermanentError } from '../../src/model/errors.ts';
import type { SessionId } from '../../src/model/ids.ts';
import { defineJob } from '../../src/model/job.ts';
import type { DeadLetter } from '../../src/model/outcome.ts';
import type { BatchRecord } from '../../src/model/records.ts';
import type { PageFilter, Store } from '../../src/model/store.ts';
import { defineWork } from '../../src/model/work.ts';
import { checkJob, runSequential } from '../../src/testing.ts';
import { openWorld } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';

const test = suite('holes');

/** Letters stay; `!` fails for good, and `_` gives nothing. */
const spell = defineWork({
  each: (letter: string): string | undefined => {
    if (letter === '!') throw new PermanentError(letter);
    return letter === '_' ? undefined : letter;
  },
});

const hole = ({ items }: { readonly items: number }): string => `<${items}>`;
const join = (left: string | undefined, right: string | undefined): string => `${left ?? ''}${right ?? ''}`;

function spelling(size: number) {
  return defineJob(spell, plain(size));
}

/** Each letter is a task: a second one of the same is a duplicate. */
function distinct() {
  return defineJob(spell, {
    ...plain(1),
    taskId: (letter: string) => letter,
    dedupe: { window: '1h' as const, states: ['completed', 'pending', 'running'] as const },
  });
}

function plain(size: number) {
  return {
    name: 'spelling',
    source: (text: string) => [...text],
    chunk: byCount(size),
    combine: join,
    hole,
    retry: { attempts: 2, backoff: { base: 0 } },
  };
}

async function combined(text: string, size: number, job = spelling(size)): Promise<unknown> {
  const { engine } = await openWorld([job]);
  try {
    const outcome = await engine.run(job, text);
    return outcome.status === 'completed' ? outcome.result : outcome.error.code;
  } finally {
    await engine.close();
  }
}

/** What a reader sees who replaces each stretch of lost letters by their number. */
const expected = (text: string): string => text.replaceAll('_', '').replaceAll(/!+/g, (lost) => `<${lost.length}>`);

test('what was given up has one value between its neighbours, wherever the chunks are cut', async () => {
  for (const size of [1, 2, 3, 7]) {
    assert.is(await combined('a!b!!cd!!!!ef', size), 'a<1>b<2>cd<4>ef', `chunks of ${size}`);
  }
});

test('what is missing before the first output and behind the last has a value, too', async () => {
  for (const size of [1, 2, 5]) assert.is(await combined('!!a!', size), '<2>a<1>', `chunks of ${size}`);
});

test('an item that gave nothing leaves no hole', async () => {
  for (const size of [1, 2, 5]) assert.is(await combined('_a_b!_!c', size), 'ab<2>c', `chunks of ${size}`);
});

test('any text has its holes for any chunk size, and so in one sequential run', async () => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', '!', '_'), minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(texts, fc.integer({ min: 1, max: 9 }), async (text, size) => {
      fc.pre(/[ab]/.test(text));
      const result = await combined(text, size);
      // A batch whose items all died fails; the session goes on as long as one completed.
      assert.is(result, expected(text));
      assert.is(((await runSequential(spelling(size), text)) as { result?: unknown }).result, expected(text));
    }),
    { numRuns: 60 },
  );
});

test('batches are read in stretches: a hole over several of them is one', async () => {
  const text = `a${'!'.repeat(2_500)}b`;
  assert.is(await combined(text, 1), 'a<2500>b');
});

test('a duplicate that is done elsewhere leaves a hole', async () => {
  assert.is(await combined('abab', 1, distinct()), 'ab<2>');
});

test('a batch that was given up with what was left of it has holes where those items were', async () => {
  const sessionId = 'session' as SessionId;
  const outputs = [{ number: 0, places: [0, 2, 4], data: encode(['a', 'b', 'c']) }];
  const letter = { number: 0, place: 1, items: 2 } as DeadLetter;
  const row = { number: 0, items: 5, remaining: [1, 3] as readonly number[] } as BatchRecord;
  const store = {
    listOutputs: async () => outputs,
    listDeadLetters: async ({ after }: PageFilter) => [letter].slice(after),
    listBatches: async () => [row],
  };
  const ports = { store: store as unknown as Store, persist: ((ask) => ask()) as Persist };
  const combiner = createCombiner(store, sessionId, 'each', join as never, gapsOf(ports, sessionId, spelling(5).definition));
  assert.is(await combiner.finish(1), 'a<1>b<1>c');
});

test('chunk work has a hole where a whole chunk is missing, and none for what it left out by itself', async () => {
  const work = defineWork({
    chunk: ({ items }: { items: readonly string[] }, { fail }) => {
      if (items.every((letter) => letter === '!')) throw new PermanentError('nothing left');
      for (const [index, letter] of items.entries()) if (letter === '!') fail(index, new Error('!'));
      return items.join('');
    },
  });
  const job = defineJob(work, {
    name: 'chunks',
    source: (text: string) => [...text],
    chunk: byCount(2),
    combine: join,
    hole,
    poison: 'fail',
  });
  const { engine } = await openWorld([job]);
  assert.is((await engine.run(job, 'ab!!!!c!d')).result, 'ab<4>c!d');
  assert.is(((await runSequential(job, 'ab!!!!c!d')) as { result?: unknown }).result, 'ab<4>c!d');
  await engine.close();
});

test('after a replay the hole is filled', async () => {
  let mended = false;
  const work = defineWork({
    each: (letter: string) => {
      if (letter === '!' && !mended) throw new PermanentError('!');
      return letter;
    },
  });
  const job = defineJob(work, { name: 'mended', source: (text: string) => [...text], chunk: byCount(2), combine: join, hole });
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, 'a!b!c');
  assert.is(await session.result(), 'a<1>b<1>c');
  mended = true;
  const again = await session.replay({ itemId: '1' });
  assert.is(await again.result(), 'a!b<1>c');
  await engine.close();
});

test('a hole that throws fails the session, saying where', async () => {
  const job = defineJob(spell, {
    name: 'torn',
    source: (text: string) => [...text],
    chunk: byCount(1),
    combine: join,
    hole: () => {
      throw new Error('no holes');
    },
  });
  const { engine } = await openWorld([job]);
  const outcome = await engine.run(job, 'a!b');
  assert.is(outcome.error?.code, 'COMBINE_FAILED');
  assert.match(outcome.error?.message ?? '', 'hole threw for 1 items before chunk 2');
  await engine.close();
});

test('checkJob holds for a job with holes, and finds a combine that is not associative over them', async () => {
  const checked = await checkJob(spelling(3), ['a!b!!c_d!'], { cuts: 60, runs: 10 });
  assert.is(checked.runs, 10);
  const job = defineJob(spell, {
    name: 'lopsided',
    source: (text: string) => [...text],
    chunk: byCount(1),
    combine: (left, right) => (right?.startsWith('<') ? `(${left})` : join(left, right)),
    hole,
  });
  try {
    await checkJob(job, ['ab!c!!d'], { cuts: 200, runs: 0 });
    assert.unreachable('it passed');
  } catch (error) {
    assert.is((error as MillraceError).code, 'LAW_BROKEN');
  }
});

test('a hole without combine is refused', () => {
  assert.throws(
    () => defineJob(spell, { name: 'blind', source: (text: string) => [...text], chunk: byCount(1), hole: () => '' }),
    /blind: hole must be used with combine/,
  );
});

test.run();
