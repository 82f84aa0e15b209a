import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { sqlite } from '../../src/adapters/stores/sqlite.ts';
import { createEngine } from '../../src/create-engine.ts';
import type { Engine } from '../../src/engine/api/api.ts';
import { dyingJobs, type Stage } from '../fixtures/dying-jobs.ts';
import { endOf, waitingItem } from '../fixtures/waits.work.ts';
import { collect } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';
import { type HostProcess, hostAfterHost, startHost } from './support/hosts.ts';

const test = suite('hosts that die, and hosts that are held');
const long = { timeoutMs: 120_000 };
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

let folder = '';
const started: HostProcess[] = [];
test.each.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-dying-hosts-'));
});
test.each.after(async () => {
  for (const host of started.splice(0)) host.process.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** Looks into a store whose hosts have ended. */
async function look<T>(file: string, see: (engine: Engine) => Promise<T>): Promise<T> {
  const jobs = [...new Set(Object.values(dyingJobs))];
  const engine = await createEngine({ jobs, store: sqlite(file), resume: 'manual' });
  try {
    return await see(engine);
  } finally {
    await engine.close();
  }
}

test(
  'an item that kills its host in groups of about 64 on 2 workers: 1 dead letter, at most 2 hosts',
  async () => {
    const file = join(folder, 'runs.db');
    const input = { count: 3_000, witness: join(folder, 'witness'), notes: true, fates: { 2000: 'kill' } as const, ms: 0.1 };
    const { outcome, deaths } = await hostAfterHost({ file, executor: 'threads', job: 'singles', input }, 2);
    assert.ok(deaths >= 1 && deaths <= 2, `${deaths} deaths`);
    assert.is(outcome.status, 'completed');
    assert.equal(
      outcome.result,
      upTo(3_000).filter((item) => item !== 2_000),
    );
    await look(file, async (engine) => {
      const session = await engine.find(dyingJobs.singles, { key: input.witness });
      assert.ok(session);
      const letters = await collect(session.deadLetters());
      assert.equal(
        letters.map(({ itemId, error }) => [itemId, error.category]),
        [['item-2000', 'signal']],
      );
    });
  },
  long,
);

for (const [count, poison] of [
  [2_048, [3, 90, 91, 500, 777, 1_000, 1_001]],
  // One batch is not worth a worker: the host itself runs it.
  [1_024, [700]],
] as const) {
  test(
    `${poison.length} of ${count} items crash natively in a host with threads: one host dies, and they are the dead letters`,
    async () => {
      const file = join(folder, 'runs.db');
      const fates = Object.fromEntries(poison.map((item) => [item, 'segfault'] as const));
      const input = { count, witness: join(folder, 'witness'), notes: true, fates };
      const { outcome, deaths } = await hostAfterHost({ file, executor: 'threads', job: 'chunks', input }, 2);
      assert.is(deaths, 1);
      assert.is(outcome.status, 'completed');
      assert.is(outcome.counts.items.completed, count - poison.length);
      const letters = await look(file, async (engine) => {
        const session = await engine.find(dyingJobs.chunks, { key: input.witness });
        assert.ok(session);
        return collect(session.deadLetters());
      });
      assert.equal(
        letters.map(({ itemId, error }) => [itemId, error.category]),
        poison.map((item) => [`item-${item}`, 'signal']),
      );
      const executions = readFileSync(input.witness, 'utf8').trimEnd().split('\n').length;
      assert.ok(executions <= poison.length * 3 + 2, `${executions} executions`);
    },
    long,
  );
}

const stages: Readonly<Record<Stage, RegExp>> = { source: /\(source\)/, combine: /\(combine\)/, finalize: /was in finalize/ };
for (const [stage, named] of Object.entries(stages) as [Stage, RegExp][]) {
  test(
    `a ${stage} that kills its host: after five hosts the session has failed as HOST_KILLER, and says where`,
    async () => {
      const order = { file: join(folder, 'runs.db'), executor: 'threads', job: stage, input: stage } as const;
      const { outcome, deaths } = await hostAfterHost(order, 8);
      assert.is(outcome.status, 'failed');
      assert.is(outcome.error?.code, 'HOST_KILLER');
      assert.match(outcome.error?.message ?? '', named);
      assert.ok(deaths >= 5 && deaths <= 7, `${deaths} deaths`);
    },
    long,
  );
}

interface Line {
  readonly word: string;
  readonly pid: number;
}

function linesOf(witness: string): Line[] {
  if (!existsSync(witness)) return [];
  const lines = readFileSync(witness, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => ({ word: line.split(' ')[0] ?? '', pid: Number(line.split(' ')[1]) }));
}

/** Resolves with the process that shows signs of life, other than one known. The test's own limit is the limit. */
async function beating(witness: string, but?: number): Promise<number> {
  for (;;) {
    const other = linesOf(witness).find(({ pid }) => pid !== but);
    if (other) return other.pid;
    await setTimeout(10);
  }
}

function start(executor: 'threads' | 'processes', witness: string): HostProcess {
  const host = startHost({ file: join(folder, 'runs.db'), executor, job: 'waits', input: { witness } });
  started.push(host);
  return host;
}

test(
  'a host is killed while its child spins: another one takes over, and the old and new execution never overlap',
  async () => {
    const witness = join(folder, 'witness');
    const first = start('processes', witness);
    const old = await beating(witness);
    const second = start('processes', witness);
    await setTimeout(1_000);
    first.process.kill('SIGKILL');
    const next = await beating(witness, old);
    await setTimeout(200);
    await writeFile(endOf(witness), '');
    assert.equal((await second.outcome)?.result, upTo(8));
    const lines = linesOf(witness);
    const lastOld = lines.findLastIndex(({ pid }) => pid === old);
    const firstNew = lines.findIndex(({ pid }) => pid === next);
    assert.ok(lastOld < firstNew, `line ${lastOld} is of the old execution, line ${firstNew} of the new one`);
    assert.is(new Set(lines.map(({ pid }) => pid)).size, 2);
  },
  long,
);

test(
  'a host is held past its lease, and let go again: its late answers change nothing, and it ends with what the other one did',
  async () => {
    const witness = join(folder, 'witness');
    const first = start('threads', witness);
    const old = await beating(witness);
    const second = start('threads', witness);
    await setTimeout(1_000);
    first.process.kill('SIGSTOP');
    await beating(witness, old);
    await writeFile(endOf(witness), '');
    const outcome = await second.outcome;
    assert.equal(outcome?.result, upTo(8));
    first.process.kill('SIGCONT');
    assert.equal((await first.outcome)?.result, upTo(8));
    const ends = linesOf(witness).filter(({ word }) => word === 'end');
    assert.is(new Set(ends.map(({ pid }) => pid)).size, 2, 'both have ended the item');
    await look(join(folder, 'runs.db'), async (engine) => {
      const session = await engine.find(dyingJobs.waits, { key: 'waits' });
      assert.ok(session);
      const page = { sessionId: (await engine.store.getSession(session.id as never))?.id as never, after: 0, limit: 100 };
      const attempts = (await engine.store.listAttempts(page)).filter(({ number }) => number === waitingItem);
      assert.is(attempts.filter(({ outcome: how }) => how === 'completed').length, 1);
      assert.is(attempts.filter(({ category }) => category === 'host-death').length, 1);
    });
  },
  long,
);

test.run();
