import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { sqlite } from '../../src/adapters/stores/sqlite.ts';
import { suite } from '../support/suite.ts';

const test = suite('hosts of one schedule');

const hostFile = fileURLToPath(new URL('../fixtures/scheduled-host.ts', import.meta.url));
const inputsOfTick = 5;

test(
  'are killed one after another, some in the middle of a tick: every second has its tick, and each input of it one session',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-scheduled-'));
    const [file, witness] = [join(folder, 'runs.db'), join(folder, 'witness')];
    const hosts: ChildProcess[] = [];
    const start = (): ChildProcess => {
      const host = fork(hostFile, [file, witness], { execArgv: ['--import', 'tsx'] });
      hosts.push(host);
      return host;
    };
    const lines = (): readonly string[] => (existsSync(witness) ? readFileSync(witness, 'utf8').trim().split('\n') : []);
    // Another process writes the witness: only looking at it tells.
    const witnessed = async (count: number): Promise<void> => {
      while (lines().length < count) await delay(5);
    };
    try {
      for (let killed = 0; killed < 2; killed++) {
        const host = start();
        // In the middle of the second tick that it starts.
        await witnessed(lines().length + inputsOfTick + 2);
        host.kill('SIGKILL');
        await once(host, 'exit');
      }
      const last = [start(), start()];
      const ended = Promise.all(last.map((host) => once(host, 'exit')));
      await Promise.all(last.map((host) => once(host, 'message')));
      await witnessed(lines().length + 3 * inputsOfTick);
      for (const host of last) host.kill('SIGTERM');
      assert.equal(new Set((await ended).map(([code]) => code)), new Set([0]));
      await checkStore(file, lines());
    } finally {
      for (const host of hosts) host.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    }
  },
  { timeoutMs: 120_000 },
);

async function checkStore(file: string, ran: readonly string[]): Promise<void> {
  const store = sqlite(file);
  await store.open();
  const ticks = [...(await store.listTicks({ schedule: 'tick', limit: 1_000 }))].reverse();
  const inputs = await store.listTickInputs({ schedule: 'tick', after: 0, limit: 10_000 });
  const sessions = await store.listSessions({ limit: 10_000 });
  await store.close();
  const first = ticks[0]?.at ?? 0;
  assert.equal(
    ticks.map(({ at }) => at),
    ticks.map((_, place) => first + place * 1_000),
  );
  const whole = ticks.filter(({ state }) => state === 'done');
  assert.ok(ticks.length - whole.length <= 1, 'only the last may be open');
  assert.ok(whole.every(({ inputs: { started } }) => started === inputsOfTick));
  assert.equal(sessions.map(({ id }) => id).sort(), inputs.map(({ sessionId }) => sessionId).sort());
  assert.is(new Set(sessions.map(({ key }) => key)).size, sessions.length);
  const completed = new Set(sessions.filter(({ state }) => state === 'completed').map(({ key }) => key));
  const times = new Map<string, number>();
  for (const key of ran) times.set(key, (times.get(key) ?? 0) + 1);
  assert.ok([...completed].every((key) => times.has(key)));
  // Task code runs at least once: again only what a host was killed with.
  assert.ok([...times.values()].filter((count) => count > 1).length <= 2 * inputsOfTick);
}

test.run();
