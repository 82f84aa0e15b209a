import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import * as assert from 'uvu/assert';
import { sqlite } from '../../src/adapters/stores/sqlite.ts';
import { command as sessionsCommand } from '../../src/cli/commands/sessions.ts';
import { command as showCommand } from '../../src/cli/commands/show.ts';
import { createTerminal } from '../../src/cli/terminal/terminal.ts';
import { createEngine } from '../../src/create-engine.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { systemClock } from '../../src/model/clock.ts';
import { defineJob } from '../../src/model/job.ts';
import { defineWork, workModule } from '../../src/model/work.ts';
import type work from '../fixtures/secrets.work.ts';
import { collect, openWorld, recordingLogger } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';
import { inFolder } from './support.ts';

const test = suite('secrets');

/** Looked for wherever it must not be. */
const canary = 'canary-7f3a9c';

const job = defineJob(workModule<typeof work>(new URL('../fixtures/secrets.work.ts', import.meta.url)), {
  name: 'secrets',
  source: (input: string[]) => input,
  chunk: byCount(1),
  retry: { attempts: 1 },
  finalize: ({ outputs }) => collect(outputs),
});

async function withCanary<T>(body: () => Promise<T>): Promise<T> {
  process.env.MILLRACE_CANARY = canary;
  try {
    return await body();
  } finally {
    delete process.env.MILLRACE_CANARY;
  }
}

test('of the host are not seen by workers, unless their variables are named', () =>
  withCanary(async () => {
    for (const [env, length] of [
      [[], 0],
      [['MILLRACE_CANARY'], canary.length],
    ] as const) {
      const engine = await createEngine({ jobs: [job], workers: 1, executor: 'threads', env });
      // Two chunks, so that they leave the host.
      const outcome = await engine.run(job, ['seen', 'seen']);
      await engine.close();
      assert.is(outcome.status, 'completed');
      assert.equal(outcome.result, [
        { variables: [...env], length },
        { variables: [...env], length },
      ]);
    }
  }));

test('that get into errors and log lines are in no store, log, answer or command', () =>
  withCanary(() =>
    inFolder(async (folder) => {
      const file = join(folder, 'runs.db');
      const logger = recordingLogger();
      const engine = await createEngine({
        jobs: [job],
        store: sqlite(file),
        workers: 1,
        executor: 'threads',
        env: ['MILLRACE_CANARY'],
        logger,
      });
      const session = await engine.start(job, ['seen', 'failing', 'failing']);
      const told = {
        outcome: await session.outcome(),
        letters: await collect(session.deadLetters()),
        state: await session.state(),
      };
      await engine.close();
      assert.is(told.letters.length, 2);
      assert.match(told.letters[0]?.error.message ?? '', 'postgres://app:***@db refused');
      assert.equal(told.letters[0]?.error.details, { apiKey: '***', dsn: 'x://u:***@h' });
      assert.not.match(inspect(told, { depth: 20, maxStringLength: null }), canary);
      assert.ok(logger.lines.some(({ message }) => message.includes('postgres://app:***@db')));
      assert.not.match(inspect(logger.lines, { depth: 20, maxStringLength: null }), canary);
      const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      assert.ok(files.length > 0);
      for (const { name, parentPath } of files) {
        assert.is(readFileSync(join(parentPath, name)).includes(canary), false, name);
      }
      for (const json of [true, false]) assert.not.match(await shown(file, json), canary);
    }),
  ));

test('in what is stored under names of secrets, or looks like one, are masked by the commands that show it', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'runs.db');
    const work = defineWork({ each: (item: string) => item });
    const metadata = () => ({ dsn: `mysql://root:${canary}@db/x`, apiToken: canary, plain: 'kept' });
    const stored = defineJob(work, {
      name: 'stored',
      source: () => ['a'],
      chunk: byCount(1),
      metadata,
      key: () => `https://u:${canary}@h/`,
    });
    const engine = await createEngine({ jobs: [stored], store: sqlite(file) });
    await engine.run(stored, null);
    await engine.close();
    for (const json of [true, false]) {
      const text = await shown(file, json);
      assert.not.match(text, canary);
      assert.match(text, 'mysql://root:***@db/x');
      assert.match(text, 'kept');
    }
  }));

/** What `millrace show` and `millrace sessions` print. */
async function shown(file: string, json: boolean): Promise<string> {
  let text = '';
  const stream = { write: (part: string) => (text += part) };
  const terminal = createTerminal({ stdout: stream, stderr: stream, clock: systemClock, env: {}, json });
  for (const command of [showCommand, sessionsCommand]) {
    await command.run({ operands: [`sqlite:${file}`], options: {}, terminal });
  }
  assert.ok(text.length > 100);
  return text;
}

test('in inputs, settings, items, outputs, metadata and errors reach no inspector', async () => {
  const secretWork = defineWork({
    each: (item: string, { settings, count }: { settings: string; count: (name: string) => void }) => {
      count('items');
      if (item.endsWith('1')) throw new Error(`${settings} ${item}`);
      return item + settings;
    },
  });
  const secretJob = defineJob(
    secretWork as never,
    {
      name: 'inspected',
      source: (input: { texts: string[] }) => input.texts,
      chunk: byCount(1),
      settings: canary,
      itemId: (item: string) => item,
      metadata: () => ({ canary }),
      combine: (left: string, right: string) => left + right,
      retry: { attempts: 1 },
    } as never,
  ) as ReturnType<typeof defineJob<string, string, undefined, never, { texts: string[] }>>;
  const { engine } = await openWorld([secretJob]);
  const seen: string[] = [];
  engine.system.inspect((event) => {
    const { actorRef, ...rest } = event as typeof event & { actorRef: { getSnapshot?(): unknown } };
    // The reference leads to the whole system; what an inspector shows of an actor is its snapshot.
    seen.push(inspect({ ...rest, of: actorRef.getSnapshot?.() }, { depth: 8, maxStringLength: null, getters: false }));
  });
  const texts = Array.from({ length: 4 }, (_, index) => `${canary}-${index}`);
  const outcome = await engine.run(secretJob, { texts });
  await engine.close();
  assert.is(outcome.counts.items.completed, 3);
  assert.ok(seen.length > 10);
  assert.equal(
    seen.filter((text) => text.includes(canary)),
    [],
  );
});

test.run();
