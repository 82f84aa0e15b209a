import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { textsThatDoNotFit } from './mutations/fit.ts';

const test = suite('simulation');

const runner = fileURLToPath(new URL('run.ts', import.meta.url));
/** CI asks for more. */
const seeds = Number(process.env.MILLRACE_SEEDS ?? 600);

/** A simulated world has the turns and the clock of its process for itself, so it gets a process of its own. */
async function simulate(...options: string[]): Promise<{ status: number | null; said: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', runner, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, said };
}

test(
  'seeds that once broke a rule break none',
  async () => {
    const { status, said } = await simulate('--regressions');
    assert.is(status, 0, said);
  },
  { timeoutMs: 60_000 },
);

test(
  `${seeds} worlds full of faults keep every rule`,
  async () => {
    const { status, said } = await simulate('--seeds', `1..${seeds}`);
    assert.is(status, 0, said);
    assert.match(said, new RegExp(`^${seeds} seeds, \\d+ sessions, .* 0 broken`, 'm'));
  },
  { timeoutMs: 600_000 },
);

test('one seed is one history, event by event', async () => {
  const [first, second] = await Promise.all([simulate('--seed', '77', '--trace'), simulate('--seed', '77', '--trace')]);
  const eventsOf = ({ said }: { said: string }): string => said.slice(0, said.lastIndexOf('\n1 seeds'));
  assert.ok(eventsOf(first).length > 1_000);
  assert.is(eventsOf(first), eventsOf(second));
});

test(
  'without the check of the epoch, hosts that race for one session break rules, each in its way',
  async () => {
    const { status, said } = await simulate('--mutations', '--only', 'no epoch check');
    assert.is(status, 0, said);
    assert.match(said, /mutation score: 3 of 3/);
  },
  { timeoutMs: 300_000 },
);

test('every planted bug still fits the source that it is planted in', async () => {
  assert.equal(await textsThatDoNotFit(), []);
});

test.run();
