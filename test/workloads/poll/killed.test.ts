import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import type { ExecutorName } from '../../../src/model/job.ts';
import { isEndedBatch } from '../../../src/model/moves.ts';
import { stored } from '../../cli/support/stored.ts';
import { missingData, sharedData } from '../../support/shared-data.ts';
import { suite } from '../../support/suite.ts';
import { type PollWorld, pollWorld } from './poll-world.ts';

const test = suite('polls whose host is killed');
const source = sharedData('partner-logs');
const hostFile = fileURLToPath(new URL('../../fixtures/poll-host.ts', import.meta.url));

function linesOf(world: PollWorld): string[] {
  return existsSync(world.path('witness')) ? readFileSync(world.path('witness'), 'utf8').trimEnd().split('\n') : [];
}

/** A host in a process of its own; killed when so many runs have been seen. Answers its exit code. */
async function host(world: PollWorld, executor: ExecutorName, killAt = Number.POSITIVE_INFINITY): Promise<number | null> {
  const args = ['--import', 'tsx', hostFile, world.path('runs.db'), source, world.path('out'), executor];
  const child = spawn(process.execPath, args, { stdio: 'inherit', env: { ...process.env, POLL_WITNESS: world.path('witness') } });
  const ended = once(child, 'exit');
  // Between processes, files are the only signal that there is.
  while (linesOf(world).length < killAt && child.exitCode === null) await delay(5);
  if (child.exitCode === null) child.kill('SIGKILL');
  const [code] = await ended;
  return code;
}

for (const [executor, kills] of [
  ['inline', [1, 37, 38, 150, 243]],
  ['processes', [20, 120]],
] as const satisfies readonly (readonly [ExecutorName, readonly number[]])[]) {
  test.unless(
    missingData('partner-logs/polls.jsonl'),
    `go on with the same call: the same tasks, and no settled one is run again (${executor})`,
    async () => {
      using world = pollWorld();
      await world.run({ source, out: world.path('whole') });
      /** Settled executions at each death, and how many runs had been seen then. */
      const deaths: { readonly settled: readonly string[]; readonly lines: number }[] = [];
      for (const killAt of kills) {
        assert.is(await host(world, executor, killAt), null);
        const { batches } = await stored(world.path('runs.db'));
        const settled = batches.filter(({ state }) => isEndedBatch(state)).map(idOf);
        deaths.push({ settled, lines: linesOf(world).length });
      }
      assert.is(await host(world, executor), 0);
      assert.ok(world.read('out/tasks.tsv') === world.read('whole/tasks.tsv'));
      assert.is(world.rows('out/executions.tsv').length, 244, 'the times are those of an undisturbed run, too');
      const lines = linesOf(world);
      for (const { settled, lines: before } of deaths) {
        const later = new Set(lines.slice(before).map((line) => line.split(' ')[0]));
        assert.equal(
          settled.filter((id) => later.has(id)),
          [],
        );
      }
      assert.ok((deaths.at(-1)?.settled.length ?? 0) > 0);
    },
    { timeoutMs: 90_000 },
  );
}

function idOf({ sessionId, number }: { readonly sessionId: string; readonly number: number }): string {
  return sessionId.slice(0, 24) + number.toString(16).padStart(12, '0');
}

test.run();
