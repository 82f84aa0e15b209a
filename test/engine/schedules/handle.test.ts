import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import * as assert from 'uvu/assert';
import type { ScheduleOptions } from '../../../src/engine/api/schedules.ts';
import { MillraceError } from '../../../src/model/errors.ts';
import type { ScheduleEvent } from '../../../src/model/schedule-events.ts';
import { suite } from '../../support/suite.ts';
import { turns, until } from '../../support/turns.ts';
import { createHosts, syncJob, type UserInput } from './scheduled-world.ts';

const test = suite('handles on schedules');

const ann: UserInput = { user: 'ann' };

/** Resolves with the error that a call ends with. */
async function errorOf(call: Promise<unknown>): Promise<MillraceError> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.instance(outcome, MillraceError);
  return outcome as MillraceError;
}

test('run makes a tick now, which stands for those that were missed, and gives its sessions', async () => {
  const { open, goTo, sync, ticks, clock } = createHosts('2026-01-01T00:30Z');
  const first = await open();
  await first.engine.schedule(sync.job, '@hourly', { inputs: () => [ann] });
  await first.engine.close();
  await clock.advance(3 * 3_600_000);
  const { engine } = await open();
  const schedule = await engine.schedule(sync.job, '@hourly', { inputs: () => [ann, { user: 'bob' }] });
  const { sessions, ...tick } = await schedule.run();
  assert.equal([tick.state, tick.missed, tick.inputs.started, sessions.length], ['done', 3, 2, 2]);
  assert.equal(await Promise.all(sessions.map((session) => session.result())), ['ann -', 'bob -']);
  assert.equal((await ticks())[0]?.at, Date.parse('2026-01-01T03:30Z'));
  await goTo('2026-01-01T04:00Z');
  assert.is((await ticks()).length, 2, 'the pattern goes on as ever');
  await engine.close();
});

test('run waits while another host has a tick open, and ends with its engine', async () => {
  const { open, sync, clock } = createHosts('2026-01-01T00:30Z');
  const [first, second] = [await open(), await open()];
  const given: ScheduleOptions<UserInput> = { inputs: ({ signal }) => untilAborted(signal) };
  await first.engine.schedule(sync.job, '@hourly', given);
  await clock.advance(3_600_000);
  const schedule = await second.engine.schedule(sync.job, '@hourly', given);
  const run = schedule.run();
  await turns(100);
  await second.engine.close();
  assert.is((await errorOf(run)).code, 'ENGINE_CLOSED');
  await first.engine.close();
  assert.is(clock.pending({ background: true }), 0);
});

async function* untilAborted(signal: AbortSignal): AsyncGenerator<UserInput> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  yield ann;
}

test('stop ends it in this host alone, and the name is free here again', async () => {
  const { open, goTo, sync, clock } = createHosts('2026-01-01T00:30Z');
  const { engine } = await open();
  const schedule = await engine.schedule(sync.job, '@hourly', { inputs: () => [ann] });
  await schedule.stop();
  await goTo('2026-01-01T03:30Z');
  assert.equal(sync.ran, []);
  assert.is((await errorOf(schedule.run())).code, 'ENGINE_CLOSED');
  assert.equal(
    (await engine.schedules()).map(({ name, next }) => [name, next]),
    [['sync', Date.parse('2026-01-01T04:00Z')]],
  );
  await engine.schedule(sync.job, '@hourly', { inputs: () => [ann] });
  await until('the missed are made up for', () => sync.ran.length === 1);
  await engine.close();
  assert.is(clock.pending({ background: true }), 0);
});

test('a schedule tells what happens on the channel millrace:schedule', async () => {
  const { open, goTo, sync } = createHosts('2026-01-01T00:30Z');
  const told: string[] = [];
  const listen = (event: unknown): void => {
    const { type, schedule, job, at, ...rest } = event as ScheduleEvent;
    told.push(
      `${schedule} ${job} ${new Date(at).toISOString().slice(11, 16)} ${type} ${JSON.stringify({ ...rest, sessionId: undefined })}`,
    );
  };
  subscribe('millrace:schedule', listen);
  const { engine } = await open();
  await engine.schedule(sync.job, '@hourly', { name: 'users', inputs: () => [ann] });
  await goTo('2026-01-01T01:00Z');
  unsubscribe('millrace:schedule', listen);
  assert.equal(told, [
    'users sync 01:00 tick.taken {"missed":0,"takes":1}',
    'users sync 01:00 tick.input {"key":"ann","outcome":"started"}',
    'users sync 01:00 tick.ended {"state":"done"}',
  ]);
  await engine.close();
});

test('what makes no sense is refused by its name', async () => {
  const { open, sync } = createHosts('2026-01-01T00:30Z');
  const other = syncJob();
  const another = { ...other.job, name: 'other', definition: { ...other.job.definition, name: 'other' } };
  const { engine } = await open({ jobs: [sync.job, another] });
  const inputs = (): UserInput[] => [];
  const refused = async (name: string, cron: unknown, options: unknown): Promise<void> => {
    const error = await errorOf(engine.schedule(sync.job, cron as string, options as ScheduleOptions<UserInput>));
    assert.is(error.code, 'INVALID_OPTION');
    assert.match(error.message, new RegExp(`^schedule: ${name} must be`));
  };
  await refused('cron', 'every day', { inputs });
  await refused('zone', '@daily', { inputs, zone: 'Mars/Olympus' });
  await refused('options', '@daily', undefined);
  await refused('inputs', '@daily', {});
  await refused('inputs', '@daily', { inputs: [ann] });
  await refused('overlap', '@daily', { inputs, overlap: 'replace' });
  await refused('catchUp', '@daily', { inputs, catchUp: 'always' });
  await refused('name', '@daily', { inputs, name: 'two words' });
  await refused('time', '@daily', { inputs, time: 'now' });
  assert.equal(await engine.schedules(), []);
  const two = [
    engine.schedule(sync.job, '@daily', { inputs }),
    errorOf(engine.schedule(sync.job, '@daily', { inputs })),
  ] as const;
  assert.match((await Promise.all(two))[1].message, 'schedule: name must be one that no schedule of this engine has');
  await refused('name', '@daily', { inputs });
  await engine.schedule(another, '@daily', { inputs, name: 'theirs' });
  await engine.removeSchedule('sync');
  await refused('name', '@daily', { inputs, name: 'theirs' });
  await engine.close();
  const late = [engine.schedules(), engine.removeSchedule('x'), engine.schedule(sync.job, '@daily', { inputs })];
  for (const call of late) assert.is((await errorOf(call)).code, 'ENGINE_CLOSED');
  const elsewhere = await open({ jobs: [another] });
  const unknown = await errorOf(elsewhere.engine.schedule(sync.job, '@daily', { inputs }));
  assert.is(unknown.code, 'JOB_NOT_REGISTERED');
  await elsewhere.engine.close();
});

test.run();
