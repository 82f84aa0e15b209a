import * as assert from 'uvu/assert';
import { inline } from '../../../src/adapters/executors/inline.ts';
import { watchLimits } from '../../../src/adapters/executors/watch-limits.ts';
import type { PassedLimit } from '../../../src/adapters/worker/limits.ts';
import { openNote } from '../../../src/adapters/worker/note.ts';
import { defineWork } from '../../../src/model/work.ts';
import { suite } from '../../support/suite.ts';
import { groupOf, only } from './support/groups.ts';

const test = suite('a wall clock that jumps');

const wallClock = Date.now;

/** NTP, or a machine that slept. */
function jump(byMs: number): void {
  Date.now = () => wallClock() + byMs;
}

function putBack(): void {
  Date.now = wallClock;
}

const limits = { timeoutMs: 60_000, itemTimeoutMs: 60_000, stallMs: 60_000 };

test('makes no item late that a worker has in hand', () => {
  const note = openNote();
  const passed: PassedLimit[] = [];
  note.prepare();
  note.startTask(0);
  note.startItem(0);
  jump(3_600_000);
  watchLimits(note, limits, (limit) => passed.push(limit))();
  putBack();
  assert.equal(passed, []);
});

test('makes no item late that runs in the host', async () => {
  const { source } = defineWork({
    each: async (item: number) => {
      jump(item);
      return item;
    },
  });
  const executor = inline();
  const reply = await only(executor, groupOf(source, [[3_600_000, 7_200_000]], { limits }));
  putBack();
  await executor.close();
  assert.equal([reply.output, reply.failures], ['[3600000,7200000]', []]);
});

test('that goes back holds up no limit', () => {
  const note = openNote();
  note.prepare();
  note.startTask(0);
  jump(-3_600_000);
  const passed: PassedLimit[] = [];
  watchLimits(note, { timeoutMs: 0 }, (limit) => passed.push(limit))();
  putBack();
  assert.is(passed.length, 1);
});

test.run();
