import { existsSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { type Chunk, defineWork, workModule } from '../../src/model/work.ts';
import { callEach, workContext } from '../../src/testing.ts';
import { suite } from '../support/suite.ts';
import lengths from './lengths.work.ts';

const test = suite('workContext');

test('calls one each with settings and resource, and hears what it counts', async () => {
  const context = workContext({ settings: { bonus: 1 }, resource: { bonus: 5 } });
  assert.is(await callEach(lengths, 'four', context), 9);
  assert.is(await callEach(lengths, 'six...', context), 11);
  assert.equal(context.counters, { lines: 2 });
});

test('throws what the work throws', async () => {
  const context = workContext({ settings: { bonus: 0 }, resource: { bonus: 0 } });
  let message = '';
  try {
    await callEach(lengths, '', context);
  } catch (error) {
    message = (error as Error).message;
  }
  assert.is(message, 'an empty line');
});

test('hears what chunk work begins, fails and says', () => {
  const context = workContext();
  const chunk = ({ items }: Chunk<number>, { begin, fail, progress }: typeof context): void => {
    begin(1);
    fail(0, 'no good');
    progress(items.length);
  };
  chunk({ items: [4, 5], overlap: { before: [], after: [] }, slice: undefined as never, index: 0 }, context);
  assert.equal([context.begun, context.done, [...context.failures]], [1, 2, [[0, 'no good']]]);
});

test('makes a folder when asked, and removes it when closed', async () => {
  const context = workContext();
  const folder = await context.tempDir();
  assert.is(await context.tempDir(), folder);
  assert.ok(existsSync(folder));
  await context.close();
  assert.not.ok(existsSync(folder));
});

test('refuses a count that is not whole, a module, and work without each', async () => {
  const context = workContext();
  assert.throws(() => context.count('bytes', 0.5), /whole number/);
  const module = workModule<typeof lengths>(new URL('./lengths.work.ts', import.meta.url));
  const byChunk = defineWork({ chunk: ({ items }: Chunk<string>) => items.length });
  const calls = [() => callEach(module, 'a', workContext({ settings: { bonus: 0 } })), () => callEach(byChunk, 'a', context)];
  for (const call of calls) {
    let code: unknown;
    try {
      await call();
    } catch (error) {
      code = (error as { code?: unknown }).code;
    }
    assert.is(code, 'INVALID_OPTION');
  }
});

test.run();
