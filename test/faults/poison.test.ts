import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { openGate } from '../../src/adapters/executors/gate.ts';
import { createEngine } from '../../src/create-engine.ts';
import type { Engine } from '../../src/engine/api/api.ts';
import type { ExecutorName } from '../../src/model/job.ts';
import type { DeadLetter, Outcome } from '../../src/model/outcome.ts';
import type { Fate } from '../fixtures/poison.ts';
import type { Seen } from '../fixtures/poison-chunk.work.ts';
import { poisonChunks, poisonItems } from '../fixtures/poison-jobs.ts';
import { collect } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';

const count = 1_024;

interface Case {
  readonly kind: 'each' | 'chunk';
  /** Whether a note of the item in hand is left: by `begin`, and always for `each`. */
  readonly notes: boolean;
  readonly fates: Readonly<Record<string, Fate>>;
  readonly not?: ExecutorName;
}

const note = { notes: true } as const;
const two = { 0: 'hang', 1023: 'exit' } as const;
const seven = { 3: 'exit', 90: 'spin', 91: 'oom', 500: 'exit', 777: 'hang', 1000: 'exit', 1001: 'throw' } as const;
const cases: readonly Case[] = [
  ...(['throw', 'exit', 'oom', 'hang', 'spin'] as const).map((fate): Case => ({ kind: 'chunk', ...note, fates: { 700: fate } })),
  { kind: 'chunk', ...note, fates: { 700: 'segfault' }, not: 'threads' },
  { kind: 'each', ...note, fates: { 700: 'exit' } },
  { kind: 'each', ...note, fates: { 700: 'spin' } },
  { kind: 'chunk', ...note, fates: two },
  { kind: 'each', ...note, fates: two },
  { kind: 'chunk', ...note, fates: { ...seven, 1001: 'exit' } },
  { kind: 'each', ...note, fates: seven },
  { kind: 'chunk', notes: false, fates: { 700: 'exit' } },
  { kind: 'chunk', notes: false, fates: { 511: 'segfault' }, not: 'threads' },
];

interface Ran {
  readonly outcome: Outcome<readonly (number | Seen)[] | undefined>;
  readonly letters: readonly DeadLetter[];
  /** Lines of the witness: executions of the chunk, or of poison items. */
  readonly executions: number;
}

let folder = '';

for (const executor of ['threads', 'processes'] as const) {
  const test = suite(`poison in ${executor}`);
  const mine = cases.filter(({ not }) => not !== executor);
  const runs = new Map<Case, Promise<Ran>>();
  let engine: Engine | undefined;

  test.before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-poison-'));
    const host = await createEngine({ jobs: [poisonItems, poisonChunks], executor, workers: 2, workerMemoryMb: 64, grace: 0 });
    engine = host;
    const gate = openGate(3);
    const never = new AbortController().signal;
    for (const [index, one] of mine.entries()) {
      const run = gate.through(() => runOne(host, executor, one, join(folder, `${index}`)), never);
      run.catch(() => undefined);
      runs.set(one, run);
    }
  });
  test.after(async () => {
    await engine?.close();
    await rm(folder, { recursive: true, force: true });
  });

  for (const one of mine) {
    const { kind, notes, fates } = one;
    const poison = Object.keys(fates);
    const title = `of 1,024 items, those that do it are dead letters and all others complete: ${JSON.stringify(fates)}`;
    test(
      `${title} (${kind}, ${notes ? 'with' : 'without'} a note)`,
      async () => {
        const { outcome, letters, executions } = (await runs.get(one)) as Ran;
        assert.is(outcome.status, 'completed', outcome.error?.message);
        assert.equal(
          letters.map(({ itemId, items }) => [itemId, items]),
          poison.map((item) => [`item-${item}`, 1]),
        );
        assert.equal([outcome.counts.items.completed, outcome.counts.items.failed], [count - poison.length, poison.length]);
        const living = Array.from({ length: count }, (_, item) => item).filter((item) => !(item in fates));
        const done = outcome.result?.map((output) => (typeof output === 'number' ? output : output[0]));
        assert.equal(done, living);
        const most = mostExecutions(one);
        assert.ok(executions <= most, `${executions} executions, at most ${most}`);
      },
      { timeoutMs: 90_000 },
    );
  }
  test.run();
}

/** What poison items may cost, all executions counted. */
function mostExecutions({ notes, fates }: Case): number {
  return Object.values(fates).reduce((sum, fate) => sum + (notes && fate !== 'throw' ? 3 : 13), 0);
}

async function runOne(engine: Engine, executor: ExecutorName, { kind, notes, fates }: Case, witness: string): Promise<Ran> {
  const limits = kind === 'each' ? { itemTimeout: 500 } : { stall: 1_000 };
  const input = { count, witness, fates, notes };
  const start = { ...limits, executor };
  const session = await (kind === 'each' ? engine.start(poisonItems, input, start) : engine.start(poisonChunks, input, start));
  const outcome = await session.outcome();
  const letters = await collect(session.deadLetters());
  const executions = existsSync(witness) ? readFileSync(witness, 'utf8').trimEnd().split('\n').length : 0;
  return { outcome, letters, executions };
}
