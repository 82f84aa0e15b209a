import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { isEndedBatch } from '../../src/model/moves.ts';
import { httpSite } from '../support/http-site.ts';
import { missingData, sharedData } from '../support/shared-data.ts';
import { suite } from '../support/suite.ts';
import { listing, logOf } from '../workloads/poll/poll-world.ts';
import { type CliWorld, cliWorld } from './support/cli-world.ts';
import { type Stored, stored } from './support/stored.ts';

const test = suite('millrace poll');
const patience = { timeoutMs: 90_000 };
const source = sharedData('partner-logs');
const missing = missingData('partner-logs/polls.jsonl');

/** A folder with one poll of these logs. */
function folder(world: CliWorld, name: string, logs: readonly string[]): string {
  mkdirSync(world.path(join(name, 'logs')), { recursive: true });
  writeFileSync(world.path(join(name, 'polls.jsonl')), `${JSON.stringify({ t: 0, logs: logs.map((log) => listing(log)) })}\n`);
  for (const log of logs) if (log !== 'gone') writeFileSync(world.path(join(name, 'logs', `${log}.igc`)), logOf(2));
  return name;
}

/** Executions by task, in the order in which they were enqueued: when, and whether they completed. */
function executionsOf({ batches }: Stored): Map<string, { readonly at: number; readonly completed: boolean }[]> {
  const executions = new Map<string, { at: number; completed: boolean }[]>();
  for (const { taskId, state, error, enqueuedAt: at } of batches) {
    if (taskId === null || error?.code === 'DUPLICATE_TASK') continue;
    assert.ok(isEndedBatch(state), state);
    executions.set(taskId, [...(executions.get(taskId) ?? []), { at, completed: state === 'completed' }]);
  }
  for (const chain of executions.values()) chain.sort((left, right) => left.at - right.at);
  return executions;
}

test(
  'tells by its exit code whether logs were given up, nothing was polled, or it was called in a wrong way',
  async () => {
    using world = cliWorld();
    const all = await world.run(['poll', folder(world, 'all', ['a', 'b']), '--out', 'out', '--store', 'memory']);
    assert.is(all.code, 0, all.stderr);
    assert.match(all.stdout, /listed +2/);
    const some = await world.run(['poll', folder(world, 'some', ['a', 'gone']), '--json', '--max-attempts', '2']);
    assert.is(some.code, 1, some.stderr);
    assert.equal(JSON.parse(some.stdout).stats.dlqCodes, { file_missing: 1 });
    assert.match(world.read('polled/executions.tsv'), /:gone\t.*\tdlq\t2\terror\tfile_missing\tyes\n/);
    const chain = await world.run(['queue', 'polled', 'chain', 'partner_tasks:P:A:gone', '--json']);
    assert.equal(
      JSON.parse(chain.stdout).map(({ state, attempts }: { state: string; attempts: unknown[] }) => [state, attempts.length]),
      [['failed.dead', 2]],
    );
    const wrong = [
      ['absent'],
      ['http://example.com/logs'],
      ['http://127.0.0.1:1/logs', '--clock', 'virtual'],
      ['all', '--dedupe-states', 'lost'],
    ];
    const refused = await Promise.all(wrong.map((args) => world.run(['poll', ...args])));
    assert.equal(
      refused.map(({ code }) => code),
      [2, 2, 2, 2],
    );
    await using site = await httpSite((_, response) => response.writeHead(500).end());
    const none = await world.run(['poll', site.url('/logs'), '--once', '--out', 'none']);
    assert.is(none.code, 3);
    assert.match(none.stderr, /poll failed.*status 500/);
  },
  patience,
);

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(
    `ends in order on ${signal}, with the outputs of what ran`,
    async () => {
      using world = cliWorld();
      let isAsked = (): void => undefined;
      const asked = new Promise<void>((resolve) => {
        isAsked = resolve;
      });
      await using site = await httpSite(async (path, response) => {
        if (path === '/logs') return response.end(JSON.stringify({ logs: [listing('a')] }));
        isAsked();
        await command.says('Stopping');
        return response.end(logOf(5));
      });
      const command = world.start(['poll', site.url('/logs'), '--out', 'out']);
      await asked;
      command.process.kill(signal);
      const ended = await command.ended();
      assert.is(ended.code, code, ended.stderr);
      assert.match(world.read('out/tasks.tsv'), /:a\tcompleted\t\t5\t/);
    },
    patience,
  );
}

test(
  'keeps a second store in step, which can be compared and promoted, and is polled into from then on',
  async () => {
    using world = cliWorld();
    const polls = folder(world, 'polls', ['a', 'b', 'gone']);
    const call = ['poll', polls, '--store', 'sqlite:old.db', '--shadow', 'sqlite:new.db', '--executor', 'inline'];
    assert.is((await world.run(call)).code, 1);
    const pair = ['sqlite:old.db', 'sqlite:new.db'];
    const compared = await world.run(['shadow', 'compare', ...pair, '--json']);
    assert.is(compared.code, 0, compared.stdout);
    assert.is(JSON.parse(compared.stdout).ratio, 1);
    const promoted = await world.run(['shadow', 'promote', ...pair]);
    assert.is(promoted.code, 0, promoted.stderr);
    writeFileSync(
      world.path('polls/polls.jsonl'),
      `${world.read('polls/polls.jsonl')}${JSON.stringify({ t: 400, logs: [listing('b')] })}\n`,
    );
    const again = await world.run([...call, '--json']);
    assert.equal([again.code, JSON.parse(again.stdout).known, JSON.parse(again.stdout).taken], [1, 1, 1], again.stderr);
    for (const file of ['old.db', 'new.db']) assert.is((await stored(world.path(file))).sessions.length, 2, file);
    assert.is((await world.run([...call.slice(0, 2), '--store', 'memory', '--shadow', 'sqlite:x.db'])).code, 2);
  },
  patience,
);

test.unless(
  missing,
  'goes on after kill -9 with the same command: the same tasks, and no settled one is run again',
  async () => {
    using world = cliWorld();
    const whole = await world.run(['poll', source, '--out', 'whole', '--store', 'memory', '--executor', 'inline']);
    assert.is(whole.code, 1, whole.stderr);
    const killed = world.start(['poll', source, '--out', 'killed', '--workers', '2', '--log-level', 'info']);
    await killed.says('poll=7');
    killed.process.kill('SIGKILL');
    await killed.ended();
    const before = (await stored(world.path('killed/.millrace/runs.db'))).attempts;
    assert.ok(before.length > 20);
    const again = await world.run(['poll', source, '--out', 'killed', '--workers', '2']);
    assert.is(again.code, 1, again.stderr);
    assert.ok(world.read('killed/tasks.tsv') === world.read('whole/tasks.tsv'));
    const after = await stored(world.path('killed/.millrace/runs.db'));
    assert.is([...executionsOf(after).values()].flat().length, 244);
    const placeOf = ({ sessionId, number }: { sessionId: string; number: number }): string => `${sessionId} ${number}`;
    const settled = before.filter(({ outcome }) => isEndedBatch(outcome));
    for (const attempt of settled) {
      const runs = after.attempts.filter((one) => placeOf(one) === placeOf(attempt));
      assert.is(runs.at(-1)?.execution, attempt.execution, placeOf(attempt));
    }
  },
  patience,
);

test(
  'runs a task once when two processes poll a URL at the same moment',
  async () => {
    using world = cliWorld();
    const logs = Array.from({ length: 200 }, (_, number) => listing(`log-${number}`));
    const waiting: (() => void)[] = [];
    await using site = await httpSite(async (path, response) => {
      if (path !== '/logs') return response.end(logOf(2));
      // Whoever asks first waits for the other.
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 2) for (const go of waiting) go();
      });
      return response.end(JSON.stringify({ logs }));
    });
    const outs = ['one', 'two'] as const;
    const ended = await Promise.all(
      outs.map((out) => world.run(['poll', site.url('/logs'), '--once', '--store', 'sqlite:both.db', '--out', out])),
    );
    for (const { code, stderr } of ended) assert.is(code, 0, stderr);
    const found = await stored(world.path('both.db'));
    assert.is(found.sessions.length, 2);
    const chains = [...executionsOf(found).values()];
    assert.equal([chains.length, chains.flat().length], [200, 200]);
    for (const out of outs) assert.is(world.read(`${out}/tasks.tsv`).split('\tcompleted\t').length, 201, 'each tells of all');
  },
  patience,
);

test.unless(
  missing,
  'runs a task once in its window when two processes poll one folder, or two that are alike',
  async () => {
    using world = cliWorld();
    // Six minutes: from a window's begin to behind its end.
    const polls = readFileSync(join(source, 'polls.jsonl'), 'utf8').split('\n').slice(0, 7).join('\n');
    for (const place of ['first', 'alike']) {
      mkdirSync(world.path(place));
      writeFileSync(world.path(join(place, 'polls.jsonl')), polls);
      symlinkSync(join(source, 'logs'), world.path(join(place, 'logs')));
    }
    const whole = await world.run(['poll', 'first', '--out', 'whole', '--store', 'memory', '--executor', 'inline']);
    assert.is(whole.code, 1, whole.stderr);
    for (const [store, other] of [
      ['same.db', 'first'],
      ['alike.db', 'alike'],
    ] as const) {
      const call = ['--store', `sqlite:${store}`, '--executor', 'inline', '--out'];
      const calls = ['first', other].map((place, at) => ['poll', place, ...call, `${store}-${at}`]);
      const ended = await Promise.all(calls.map((call) => world.run(call)));
      for (const { code, stderr } of ended) assert.is(code, 1, stderr);
      for (const [task, chain] of executionsOf(await stored(world.path(store)))) {
        for (const [at, { completed, at: moment }] of chain.entries()) {
          const next = chain[at + 1];
          if (completed && next) assert.ok(next.at - moment >= 300_000, `${task}: ${next.at - moment}`);
        }
      }
      for (const at of [0, 1])
        assert.ok(world.read(`${store}-${at}/tasks.tsv`) === world.read('whole/tasks.tsv'), `${store} ${at}`);
    }
  },
  patience,
);

test.run();
