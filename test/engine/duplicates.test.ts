import * as assert from 'uvu/assert';
import { memory } from '../../src/adapters/stores/memory.ts';
import type { Session } from '../../src/engine/api/session.ts';
import { byCount } from '../../src/model/chunkers.ts';
import type { MillraceEvent } from '../../src/model/events.ts';
import { defineJob, type Job, type TaskDedupePolicy } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { type Gate, gate, openWorld, shared } from '../support/engine-world.ts';
import { manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';

const test = suite('tasks that are enqueued again');

interface Tasks {
  readonly key: string;
  readonly tasks: readonly string[];
}

/** A job that notes what it runs. `held` waits at the gate; `broken` fails. */
function notingJob(
  ran: string[],
  { held, dedupe = { window: '5m' } }: { held?: Gate; dedupe?: TaskDedupePolicy } = {},
): Job<Tasks, readonly string[] | undefined, readonly string[]> {
  const work = defineWork({
    each: async (task: string) => {
      ran.push(task);
      if (task === 'held') await held?.opened;
      if (task === 'broken') throw new Error('no luck');
      return [task];
    },
  });
  return defineJob(work, {
    name: 'tasks',
    source: ({ tasks }: Tasks) => tasks,
    chunk: byCount(1),
    key: ({ key }) => key,
    taskId: (task) => `task ${task}`,
    dedupe,
    concurrency: 10,
    retry: { attempts: 2, backoff: { base: '10s', jitter: false } },
    combine: (left, right) => [...left, ...right],
  });
}

/** Resolves when an event comes for which the condition holds. */
async function until(session: Session<unknown, unknown>, isIt: (event: MillraceEvent) => boolean): Promise<void> {
  for await (const event of session.events()) if (isIt(event)) return;
}

test('are not run while another session has them, and count as duplicates', async () => {
  const ran: string[] = [];
  const held = gate();
  const job = notingJob(ran, { held });
  const { engine, lines } = await openWorld([job]);
  const first = await engine.start(job, { key: 'first', tasks: ['a', 'held'] });
  await until(first, (event) => event.type === 'batch.completed');
  const second = await engine.start(job, { key: 'second', tasks: ['held', 'a', 'b', 'b'] });
  const outcome = await second.outcome();
  assert.is(outcome.status, 'completed');
  assert.equal(outcome.result, ['a', 'b']);
  assert.equal(outcome.counts.items, { total: 4, completed: 2, failed: 0, cancelled: 2, duplicate: 2 });
  held.open();
  assert.equal((await first.outcome()).result, ['a', 'held']);
  assert.equal([...ran].sort(), ['a', 'a', 'b', 'held']);
  const told = lines.filter(({ message }) => message === 'duplicate task skipped');
  assert.equal(
    told.map(({ level, facts }) => [level, facts.taskId, facts.original]),
    [
      ['debug', 'task held', `${first.id}#1`],
      ['debug', 'task b', `${second.id}#2`],
    ],
  );
  assert.is(
    lines.some(({ level }) => level === 'warn' || level === 'error'),
    false,
  );
  await engine.close();
});

test('are told as events that name the original', async () => {
  const held = gate();
  const job = notingJob([], { held });
  const { engine } = await openWorld([job]);
  const first = await engine.start(job, { key: 'first', tasks: ['held'] });
  const second = await engine.start(job, { key: 'second', tasks: ['held', 'a'] });
  const skipped: MillraceEvent[] = [];
  for await (const event of second.events()) if (event.type === 'batch.skipped') skipped.push(event);
  const [event] = skipped;
  assert.is(skipped.length, 1);
  assert.ok(event?.type === 'batch.skipped' && event.reason === 'duplicate');
  assert.equal(event.of, { sessionId: first.id, number: 0 });
  held.open();
  await engine.close();
});

test('leave a session that has nothing of its own to do completed, with nothing combined', async () => {
  const held = gate();
  const job = notingJob([], { held });
  const { engine } = await openWorld([job]);
  await engine.start(job, { key: 'first', tasks: ['held'] });
  const outcome = await (await engine.start(job, { key: 'second', tasks: ['held'] })).outcome();
  assert.equal([outcome.status, outcome.result, outcome.counts.items.duplicate], ['completed', undefined, 1]);
  held.open();
  await engine.close();
});

test('are no excuse: a session fails when all that was its own to do failed', async () => {
  const held = gate();
  const clock = manualClock();
  const job = notingJob([], { held });
  const { engine } = await openWorld([job], { clock });
  await engine.start(job, { key: 'first', tasks: ['held'] });
  const second = await engine.start(job, { key: 'second', tasks: ['held', 'broken'] });
  await until(second, (event) => event.type === 'batch.failed');
  await clock.advance(10_000);
  const outcome = await second.outcome();
  assert.equal([outcome.status, outcome.error?.code], ['failed', 'ALL_FAILED']);
  assert.match(outcome.error?.message ?? '', 'All 1 batches failed');
  held.open();
  await engine.close();
});

test('wait for nobody when their original waits for a retry: it has not ended', async () => {
  const ran: string[] = [];
  const clock = manualClock();
  const job = notingJob(ran);
  const { engine } = await openWorld([job], { clock });
  const first = await engine.start(job, { key: 'first', tasks: ['broken', 'a'] });
  await until(first, (event) => event.type === 'batch.failed');
  const outcome = await (await engine.start(job, { key: 'second', tasks: ['broken'] })).outcome();
  assert.equal([outcome.status, outcome.counts.items.duplicate], ['completed', 1]);
  assert.is(ran.filter((task) => task === 'broken').length, 1);
  await engine.close();
});

test('are held up by completed ones when the job says so, until the window has passed', async () => {
  const ran: string[] = [];
  const clock = manualClock();
  const job = notingJob(ran, { dedupe: { window: '5m', states: ['pending', 'running', 'completed'] } });
  const { engine } = await openWorld([job], { clock });
  const runAt = async (key: string): Promise<number> =>
    (await engine.run(job, { key, tasks: ['a'] })).counts.items.duplicate ?? 0;
  assert.is(await runAt('at once'), 0);
  await clock.advance(299_999);
  assert.is(await runAt('a moment before its end'), 1);
  await clock.advance(1);
  assert.is(await runAt('at its end'), 0);
  assert.equal(ran, ['a', 'a']);
  await engine.close();
});

test('are told apart from what another host of the store enqueues', async () => {
  const held = gate();
  const clock = manualClock();
  const store = memory({ clock });
  const [here, there] = [[], []] as [string[], string[]];
  const one = await openWorld([notingJob(here, { held })], { clock, store: shared(store) });
  const two = await openWorld([notingJob(there, { held })], { clock, store: shared(store) });
  const first = await one.engine.start(notingJob(here), { key: 'one', tasks: ['held'] });
  const second = await two.engine.start(notingJob(there), { key: 'two', tasks: ['held', 'a'] });
  assert.is((await second.outcome()).counts.items.duplicate, 1);
  held.open();
  assert.is((await first.outcome()).status, 'completed');
  assert.equal([here, there], [['held'], ['a']]);
  await one.engine.close();
  await two.engine.close();
});

/** Tasks that are only held while they are pending: whatever runs at once is free again at once. */
const aheadOfAll = { window: '5m', states: ['pending'], ahead: true } as const satisfies TaskDedupePolicy;

test('are found however far behind in one source, when the job enqueues ahead', async () => {
  const tasks = [...Array.from({ length: 3_000 }, (_, number) => String(number)), '0', '2999'];
  const counts = async (dedupe: TaskDedupePolicy): Promise<[ran: number, skipped: number]> => {
    const ran: string[] = [];
    const job = notingJob(ran, { dedupe });
    const { engine } = await openWorld([job]);
    const { items } = (await engine.run(job, { key: 'one', tasks })).counts;
    await engine.close();
    return [ran.length, items.duplicate ?? 0];
  };
  assert.equal(await counts(aheadOfAll), [3_000, 2]);
  assert.is((await counts({ ...aheadOfAll, ahead: false }))[0], 3_001, 'the first had ended when it came again');
});

test('go ahead of all work, over a host that is closed before the source has ended', async () => {
  const ran: string[] = [];
  const rest = gate();
  const store = memory({ clock: manualClock() });
  const job = defineJob(defineWork({ each: (task: string) => void ran.push(task) }), {
    name: 'tasks',
    async *source(tasks: readonly string[]) {
      yield* tasks;
      await rest.opened;
      yield* tasks;
    },
    chunk: byCount(1),
    taskId: (task) => task,
    dedupe: aheadOfAll,
  });
  const one = await openWorld([job], { store: shared(store) });
  const session = await one.engine.start(job, ['a', 'b']);
  for await (const { counts } of session.progress()) if (counts.items.total === 2) break;
  await one.engine.close();
  assert.equal(ran, []);
  rest.open();
  const two = await openWorld([job], { store: shared(store) });
  const { resumed } = await two.engine.resume();
  const { status, counts } = (await resumed[0]?.outcome()) ?? assert.unreachable();
  assert.equal([status, counts.items.total, counts.items.duplicate, ran], ['completed', 4, 2, ['a', 'b']]);
  await two.engine.close();
});

test('that went ahead of a source that failed are run before their session fails', async () => {
  const ran: string[] = [];
  const job = defineJob(defineWork({ each: (task: string) => void ran.push(task) }), {
    name: 'tasks',
    *source(tasks: readonly string[]) {
      yield* tasks;
      throw new Error('the list broke off');
    },
    chunk: byCount(1),
    taskId: (task) => task,
    dedupe: aheadOfAll,
  });
  const { engine } = await openWorld([job]);
  const outcome = await engine.run(job, ['a', 'b', 'a']);
  assert.equal([outcome.error?.code, ran, outcome.counts.items.duplicate], ['SOURCE_FAILED', ['a', 'b'], 1]);
  await engine.close();
});

test('are run when the job has no rule, and a rule needs task ids and known states', () => {
  const work = defineWork({ each: (item: number) => item });
  const base = { name: 'rule', source: (items: readonly number[]) => items, chunk: byCount(1) };
  const define = (dedupe: unknown, taskId: boolean) => () =>
    defineJob(work, { ...base, ...(taskId && { taskId: String }), dedupe: dedupe as TaskDedupePolicy });
  assert.throws(define({ window: '5m' }, false), /dedupe.*taskId/);
  assert.throws(define({ window: 0 }, true), /dedupe\.window/);
  assert.throws(define({ window: '5m', states: [] }, true), /dedupe\.states/);
  assert.throws(define({ window: '5m', states: ['queued'] }, true), /dedupe\.states/);
  assert.throws(define({ window: '5m', state: ['pending'] }, true), /dedupe/);
  assert.throws(define({ window: '5m', ahead: 'yes' }, true), /dedupe\.ahead/);
  assert.is(define({ window: '5m', states: ['pending', 'failed.dead'], ahead: true }, true)().name, 'rule');
});

test.run();
