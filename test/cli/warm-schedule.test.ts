import * as assert from 'uvu/assert';
import { createTerminal } from '../../src/cli/terminal/terminal.ts';
import { followTicks, reportRun } from '../../src/cli/warm/follow-ticks.ts';
import type { SessionId } from '../../src/model/ids.ts';
import { openCache } from '../../src/workloads/caches/open-cache.ts';
import { defineLoaders } from '../../src/workloads/warm/define-loaders.ts';
import type { WarmReport } from '../../src/workloads/warm/report.ts';
import { warmInput } from '../../src/workloads/warm/run-warm.ts';
import { type WarmJob, warmJob } from '../../src/workloads/warm/warm-job.ts';
import { gate, openWorld } from '../support/engine-world.ts';
import { manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';
import { turns, until } from '../support/turns.ts';
import { folder, itemRows, shopGroups, writeShops } from '../workloads/warm/warm-world.ts';
import { cliWorld } from './support/cli-world.ts';

const test = suite('millrace warm schedule');

test('skips a run while the one before goes on, and says so; makes up for missed ones by one; tries again what failed', async () => {
  using own = folder();
  const clock = manualClock(Date.parse('2026-01-01T00:00Z'));
  const loaded: string[] = [];
  let door = gate();
  const broken = new Set(['b']);
  const loaders = defineLoaders({
    loaders: {
      value: async (key) => {
        loaded.push(String(key));
        if (key === 'a') await door.opened;
        if (broken.has(String(key))) throw new Error('away');
        return 1;
      },
    },
  });
  const job = warmJob(loaders, { name: 'topics' }) as WarmJob<unknown>;
  const { engine } = await openWorld([job], { clock, leaseMs: 86_400_000 });
  const said: string[] = [];
  const stream = { write: (text: string) => said.push(text) };
  const terminal = createTerminal({ stdout: stream, stderr: stream, clock, env: {} });
  const reports: WarmReport[] = [];
  const name = 'warm:p';
  const unfollow = followTicks({ engine, terminal, job, name }, async (id: SessionId) => {
    reports.push(await reportRun({ engine, job }, id));
  });
  const groups = [{ name: 'g', keys: () => ['a', 'b'], loaders: ['value'] }];
  const request = { prefix: 'p', groups, cache: `sqlite:${own.path('c.db')}` };
  const schedule = await engine.schedule(job, '*/10 * * * *', { name, inputs: async () => [await warmInput(request)] });
  // The timer is set before the time is moved.
  await turns(50);
  const goTo = async (moment: string): Promise<void> => {
    await clock.advance(Date.parse(`2026-01-01T${moment}Z`) - clock.now());
    await until('no tick is open', async () => (await engine.schedules())[0]?.ticks.every(({ state }) => state !== 'open'));
  };

  await goTo('00:10');
  await until('the first run is under way', () => loaded.length > 0);
  await goTo('00:20');
  await until('it is said', () => said.length === 2);
  assert.match(said[0] ?? '', /2026-01-01 00:10:00: started \(session /);
  assert.match(said[1] ?? '', /2026-01-01 00:20:00: skipped, because the run before has not ended/);
  door.open();
  await until('the first run is reported', () => reports.length === 1);
  assert.equal([reports[0]?.total.ok, reports[0]?.total.failed], [1, 1]);
  assert.is(reports[0]?.items[1]?.error, 'away');

  broken.clear();
  await schedule.stop();
  door = gate();
  door.open();
  await clock.advance(3_600_000);
  await engine.schedule(job, '*/10 * * * *', { name, inputs: async () => [await warmInput(request)] });
  await until('what was missed is made up for', () => reports.length === 2);
  assert.is(reports[1]?.total.ok, 2, 'what failed is tried again');
  const [newest] = (await engine.schedules())[0]?.ticks ?? [];
  assert.is(newest?.missed, 5, 'one run for six ticks');
  assert.equal(loaded, ['a', 'b', 'a', 'b']);
  const cache = await openCache(request.cache);
  assert.is(await cache.get('p:g:b:value'), '1');
  await cache.close();
  unfollow();
  await engine.close();
});

test(
  'runs once on demand, and refuses what can not be kept or has no pattern',
  async () => {
    using world = cliWorld();
    writeShops(world.path('shops.sqlite'));
    world.write('shops.json', JSON.stringify({ database: 'shops.sqlite', cachePrefix: 'demo', groups: shopGroups }));
    const call = ['warm', 'schedule', 'shops.json', '--cron', '*/10 * * * *', '--once'];
    const { code, stdout, stderr } = await world.run([...call, '--cache', 'sqlite:c.db', '--out', 'out']);
    assert.is(code, 0, stderr);
    assert.match(stdout, /^total +14 /m);
    assert.match(itemRows(world.path('out')), /demo:tags:old:count/);
    const inMemory = await world.run(call);
    assert.is(inMemory.code, 2);
    assert.match(inMemory.stderr, /needs a cache that lasts/);
  },
  { timeoutMs: 60_000 },
);

test.run();
