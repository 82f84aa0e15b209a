import * as assert from 'uvu/assert';
import type { AnyActorRef, InspectionEvent } from 'xstate';
import { flatStateOf } from '../../src/machines/flat-state.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { defineJob } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { gate, openWorld } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';
import { until } from '../support/turns.ts';

const test = suite('inspect');

/** What an onlooker knows: each actor's newest state by its id. */
function onlooker() {
  const states = new Map<string, string>();
  const see = (event: InspectionEvent): void => {
    const { id } = event.actorRef as unknown as AnyActorRef;
    if (event.type === '@xstate.actor' && !states.has(id)) states.set(id, 'new');
    if (event.type !== '@xstate.snapshot') return;
    const { status, value } = event.snapshot as { status: string; value?: string };
    states.set(id, status === 'active' && value !== undefined ? flatStateOf(value) : status);
  };
  return { see, states };
}

function doorJob() {
  const door = gate();
  const begun: number[] = [];
  const work = defineWork({
    each: async (item: number) => {
      begun.push(item);
      await door.opened;
      return item;
    },
  });
  const job = defineJob(work, {
    name: 'door',
    source: (items: readonly number[]) => items,
    chunk: byCount(1),
    concurrency: 2,
  });
  return { job, door, begun };
}

test('an inspector that attaches late sees the session and the batches in flight, and follows them to their end', async () => {
  const { job, door, begun } = doorJob();
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, [1, 2, 3, 4]);
  await until('two run', () => begun.length === 2);
  const { see, states } = onlooker();
  engine.system.inspect(see);
  assert.equal([...states.keys()].sort(), ['batches', 'engine', session.id, `${session.id}#0`, `${session.id}#1`].sort());
  assert.match(states.get(session.id) ?? '', /^running\./);
  assert.is(states.get(`${session.id}#0`), 'running');
  door.open();
  await session.outcome();
  assert.is(states.get(session.id), 'stopped');
  for (const number of [0, 1, 2, 3]) assert.is(states.get(`${session.id}#${number}`), 'stopped');
  await engine.close();
});

test('sees that a session is paused and unpaused', async () => {
  const { job, door, begun } = doorJob();
  const { engine } = await openWorld([job]);
  const session = await engine.start(job, [1, 2, 3]);
  await until('two run', () => begun.length === 2);
  const paused: boolean[] = [];
  engine.system.inspect((event) => {
    if (event.type !== '@xstate.snapshot' || (event.actorRef as unknown as AnyActorRef).id !== session.id) return;
    paused.push((event.snapshot as unknown as { context: { paused: boolean } }).context.paused);
  });
  await session.pause();
  assert.is(paused.at(-1), true);
  await session.unpause();
  assert.is(paused.at(-1), false);
  door.open();
  await session.outcome();
  await engine.close();
});

test('while nobody looks, batches have no actors', async () => {
  const { job, door } = doorJob();
  door.open();
  const { engine } = await openWorld([job]);
  await engine.run(job, [1, 2, 3]);
  const { see, states } = onlooker();
  const watching = engine.system.inspect(see);
  watching.unsubscribe();
  await engine.run(job, [1, 2, 3]);
  assert.equal([...states.keys()].sort(), ['batches', 'engine']);
  await engine.close();
});

test('an inspector that throws is detached and reported, and the session goes on', async () => {
  const { job, door } = doorJob();
  door.open();
  const { engine, lines } = await openWorld([job]);
  engine.system.inspect(() => {
    throw new Error('bad inspector');
  });
  assert.is((await engine.run(job, [1, 2, 3])).status, 'completed');
  assert.ok(lines.some(({ message }) => message.startsWith('inspector threw')));
  await engine.close();
});

test.run();
