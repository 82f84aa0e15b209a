import type { ServerResponse } from 'node:http';
import * as assert from 'uvu/assert';
import { memory } from '../../../src/adapters/stores/memory.ts';
import { defineWork, type WorkContext, workModule } from '../../../src/model/work.ts';
import type { Listing } from '../../../src/workloads/poll/listing.ts';
import { pollJob } from '../../../src/workloads/poll/poll-job.ts';
import { type PollSettings, readLog } from '../../../src/workloads/poll/read-log.ts';
import { virtualClock } from '../../../src/workloads/virtual-clock.ts';
import { gate, recordingLogger, shared } from '../../support/engine-world.ts';
import { httpSite } from '../../support/http-site.ts';
import { suite } from '../../support/suite.ts';
import type plants from './plants.work.ts';
import { listing, logOf, pollWorld } from './poll-world.ts';

const test = suite('sources of polls');
const realTime = { clock: undefined };
const fails = (thrown: Promise<unknown>): Promise<{ readonly code?: string; readonly message: string }> =>
  thrown.then(
    () => assert.unreachable('it does not fail') as never,
    (error) => error as never,
  );

test('a URL lists logs, and the files are below it or in a folder', async () => {
  using world = pollWorld();
  await using site = await httpSite((path, response) =>
    response.end(
      path === '/partner/logs' ? JSON.stringify({ logs: [listing('a'), listing('b', { file: 'logs/ä b?.igc' })] }) : logOf(3),
    ),
  );
  const source = site.url('/partner/logs');
  const { stats } = await world.run({ source, once: true }, realTime);
  assert.is(stats.completed, 2);
  assert.equal([...site.asked].sort(), ['/partner/logs', '/partner/logs/%C3%A4%20b%3F.igc', '/partner/logs/a.igc']);
  world.write('files/logs/a.igc', logOf(2));
  await world.run({ source, once: true, attempts: 1, files: world.path('files') }, realTime);
  assert.equal(
    world.rows('out/tasks.tsv').map((row) => row.slice(1, 4)),
    [
      ['completed', '', '2'],
      ['dlq', 'file_missing', ''],
    ],
  );
});

test('a source that fails is logged and asked again with the next poll', async () => {
  using world = pollWorld();
  const answers: readonly ((response: ServerResponse) => unknown)[] = [
    (response) => response.destroy(),
    (response) => response.writeHead(500).end(),
    (response) => response.writeHead(404).end(),
    (response) => response.writeHead(302, { location: '/elsewhere' }).end(),
    (response) => response.end('not JSON'),
    (response) => response.end('{"logs": 7}'),
    (response) => {
      const part = Buffer.alloc(1024 * 1024, ' ');
      for (let parts = 0; parts < 65; parts++) response.write(part);
      response.end('{"logs": []}');
    },
    (response) => response.end(JSON.stringify({ logs: [listing('a')] })),
  ];
  const stop = new AbortController();
  await using site = await httpSite((path, response) => {
    if (path.endsWith('a.igc')) {
      stop.abort();
      return response.end(logOf(2));
    }
    const at = site.asked.filter((one) => one === '/logs').length - 1;
    return (answers[at] ?? answers.at(-1))?.(response);
  });
  const logger = recordingLogger();
  const report = await world.run({ source: site.url('/logs'), interval: '1ms' }, { ...realTime, signal: stop.signal, logger });
  assert.is(report.failures, answers.length - 1);
  assert.is(report.stats.completed, 1);
  const told = logger.lines.filter(({ message }) => message === 'poll failed').map(({ facts }) => String(facts.error));
  assert.equal(
    ['fetch failed', 'status 500', 'nothing there', 'status 302', 'JSON', 'list of logs', 'more than'].map((word, at) =>
      told[at]?.includes(word),
    ),
    Array(7).fill(true),
    told.join('\n'),
  );
  assert.not.ok(site.asked.includes('/elsewhere'));
});

test('nothing but this machine is asked, by its number', async () => {
  using world = pollWorld();
  for (const place of [
    'http://localhost:8080/logs',
    'http://127.0.0.1.example.com/logs',
    'http://10.0.0.1/logs',
    'https://127.0.0.1/logs',
    'http://name:word@127.0.0.1/logs',
    'ftp://127.0.0.1/logs',
    'file:///etc',
  ]) {
    assert.is((await fails(world.run({ source: place }, realTime))).code, 'INVALID_OPTION', place);
    assert.is((await fails(world.run({ source: world.source('s', []), files: place }, realTime))).code, 'INVALID_OPTION', place);
  }
  assert.is(
    (await fails(world.run({ source: 'http://127.0.0.1:9/logs' }))).code,
    'INVALID_OPTION',
    'a virtual clock needs times',
  );
  assert.is((await fails(world.run({ source: world.path('absent') }))).code, 'NO_READABLE_INPUT');
});

test('what runs when the polling is stopped may end, and is written', async () => {
  using world = pollWorld();
  const held = gate();
  const stop = new AbortController();
  await using site = await httpSite(async (path, response) => {
    if (path === '/logs') return response.end(JSON.stringify({ logs: [listing('a')] }));
    stop.abort();
    await held.opened;
    return response.end(logOf(4));
  });
  const report = world.run({ source: site.url('/logs') }, { ...realTime, signal: stop.signal });
  stop.signal.addEventListener('abort', () => setImmediate(held.open));
  assert.is((await report).stats.completed, 1);
  assert.equal(world.rows('out/tasks.tsv')[0]?.slice(1, 4), ['completed', '', '4']);
});

test('lines of a folder that are no polls are passed over', async () => {
  using world = pollWorld();
  world.source('source', ['nonsense', '', { t: 0, logs: [listing('a')] }, { logs: [listing('b')] }, { t: 5, logs: [null] }], {
    'a.igc': logOf(2),
    'b.igc': logOf(2),
  });
  const { taken, failures, stats } = await world.run({});
  assert.equal([taken, failures, stats.listed, stats.invalid, stats.distinctTasks], [2, 2, 2, 1, 1]);
});

test('a log that comes late is read by a later attempt, at the same moment of a virtual clock', async () => {
  using world = pollWorld();
  world.source('source', [
    { t: 0, logs: [listing('a'), listing('b')] },
    { t: 1, logs: [listing('b')] },
  ]);
  const work = defineWork({
    each(log: Listing, context: WorkContext<PollSettings>) {
      if (context.attempt === 2 && log.file.endsWith('a.igc')) world.write('source/logs/a.igc', logOf(2));
      return readLog.each(log, context);
    },
  });
  const { stats } = await world.run({}, { job: pollJob({ work }) });
  assert.equal([stats.completed, stats.dlqCodes, stats.enqueued], [1, { file_missing: 1 }, 3]);
  const rows = world.rows('out/executions.tsv').map((row) => [row[0]?.at(-1), ...row.slice(5)].join(' ').trim());
  assert.equal(rows, [
    'a completed 2 error file_missing yes',
    'b dlq 3 error file_missing yes',
    'b dlq 3 error file_missing yes',
  ]);
});

test('a log that ends its worker is given up, and the others are read', async () => {
  using world = pollWorld();
  const logs = ['a', 'b', 'killer', 'c', 'd'];
  world.source(
    'source',
    [{ t: 0, logs: logs.map((name) => listing(name)) }],
    Object.fromEntries(logs.map((name) => [`${name}.igc`, logOf(2)])),
  );
  const work = workModule<typeof plants>(new URL('./plants.work.ts', import.meta.url));
  const { stats } = await world.run({}, { job: pollJob({ work }), executor: 'threads' });
  assert.equal([stats.completed, stats.dlq], [4, { exit: 1 }]);
  assert.equal(
    world.rows('out/tasks.tsv').map((row) => row.slice(0, 3).join(' ').slice('partner_tasks:P:A:'.length)),
    ['a completed ', 'b completed ', 'c completed ', 'd completed ', 'killer dlq exit'],
  );
});

test('a virtual run goes on in its own time, whatever was written since', async () => {
  using world = pollWorld();
  const polls = [0, 100, 200].map((t) => ({ t, logs: [listing('a')] }));
  world.source('source', polls, { 'a.igc': logOf(2) });
  const clock = await virtualClock();
  const store = shared(memory({ clock }));
  const job = pollJob({ window: '150s' });
  const one = await world.run({ once: true }, { clock, store, job });
  assert.equal([one.taken, one.stats.enqueued], [1, 1]);
  clock.advanceTo(clock.now() + 86_400_000);
  const two = await world.run({ once: true }, { clock, store, job });
  assert.equal([two.known, two.taken, two.stats.enqueued], [1, 1, 2], 'a day later the task is free');
  const three = await world.run({}, { clock, store, job });
  assert.equal([three.known, three.taken, three.stats.enqueued], [2, 1, 2], 'a hundred seconds later it is not');
  const again = await world.run({}, { clock, store, job });
  assert.equal([again.known, again.taken, again.stats], [3, 0, { ...three.stats }]);
});

test('a poll that was cancelled is taken again', async () => {
  using world = pollWorld();
  world.source('source', [{ t: 0, logs: [listing('a')] }], { 'a.igc': logOf(2) });
  const clock = await virtualClock();
  const store = shared(memory({ clock }));
  const held = gate();
  const work = defineWork({
    each: (_: Listing, __: WorkContext<PollSettings>): Promise<never> => held.opened.then(() => assert.unreachable() as never),
  });
  const stop = new AbortController();
  const job = pollJob({ work });
  const cancelled = world.run(
    {},
    { clock, store, job, signal: stop.signal, logger: { ...recordingLogger(), info: () => stop.abort() } },
  );
  for (let isAsked = false; !isAsked; ) {
    const [session] = await store.listSessions({ limit: 1 });
    if (session?.counts.batches.running)
      isAsked = (await store.requestSession(session.id, { cancelReason: 'by hand' })) !== undefined;
    await new Promise(setImmediate);
  }
  held.open();
  await cancelled;
  const { taken, stats } = await world.run({}, { clock, store });
  assert.equal([taken, stats.completed], [1, 1]);
});

test.run();
