import type { SessionId } from '../../model/ids.ts';
import { redisPasswordVariable } from '../../workloads/caches/redis-cache.ts';
import { defineCommand } from '../arguments/command.ts';
import { flag, text } from '../arguments/options.ts';
import { UsageError } from '../arguments/usage-error.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { openRunStore } from '../store/run-store.ts';
import { moment } from '../terminal/words.ts';
import { followTicks, reportRun } from '../warm/follow-ticks.ts';
import { openPlan, sharedCache } from '../warm/open-plan.ts';
import { tellReport } from '../warm/tell-report.ts';
import { withEngine } from '../with-engine.ts';
import { choiceOf, warmOptions, workersWithin } from './warm.ts';

/** `millrace warm schedule`: warms a cache again and again. */
export const command = defineCommand({
  name: 'warm schedule',
  summary: 'Warms a cache at the times of a cron pattern, until it is interrupted.',
  operands: 'CONFIG',
  minOperands: 1,
  maxOperands: 1,
  options: {
    cron: text('PATTERN', `When: minute, hour, day, month, weekday; such as '*/10 * * * *' (needed)`),
    zone: text('ZONE', 'Whose clocks are meant, such as Europe/Berlin (default UTC)'),
    once: flag('Run now, once, and end: for a cron of your own'),
    ...warmOptions,
  },
  notes: [
    'A run that comes while the one before has not ended is skipped, and says so. What was missed is made up for by one run.',
    'Keys are listed anew, and what failed is tried again, each time. Give --ttl a multiple of the time between two runs.',
    'With --out or --store, several of these commands share the runs, and one goes on with what another left.',
  ],
  examples: [`millrace warm schedule dashboards.json --cron '*/10 * * * *' --cache redis://127.0.0.1:6379 --out warmed`],
  async run({ operands: [file = ''], options: given, terminal }) {
    const { cron, zone, once, out } = given;
    if (cron === undefined) throw new UsageError(`millrace warm schedule needs --cron, such as --cron '*/10 * * * *'.`);
    const plan = await openPlan(file);
    const { job, input } = plan.scheduled(sharedCache(given.cache, plan, 'millrace warm schedule'), choiceOf(given));
    const { store } = await openRunStore(given.store, out, terminal);
    let stop = (): void => undefined;
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    const call = {
      terminal,
      store,
      jobs: [job],
      workers: workersWithin(given.connections ?? plan.connections, given.workers),
      env: [redisPasswordVariable],
      hint: () => 'To go on, call the same command again.',
      drain: () => stop(),
    };
    return withEngine(call, async ({ engine }) => {
      const name = scheduleName(plan.prefix, given.group);
      const parts = { engine, terminal, job, name };
      const tell = async (id: SessionId): Promise<ExitCode> => tellReport(terminal, await reportRun(parts, id), out);
      const unfollow = followTicks(parts, async (id) => void (once ? undefined : await tell(id)));
      try {
        const inputs = async () => [await input()];
        const schedule = await engine.schedule(job, cron, { name, inputs, ...(zone !== undefined && { zone }) });
        if (once) {
          const { sessions, state, inputs: decided } = await schedule.run();
          await schedule.stop();
          const [session] = sessions;
          if (session) return await tell(session.id);
          return state === 'failed' || decided.failed > 0 ? exitCodes.failed : exitCodes.complete;
        }
        const known = (await engine.schedules()).find((one) => one.name === name);
        terminal.note(`Next run at ${moment(known?.next ?? null)} (UTC).`);
        await stopped;
        await schedule.stop();
        return exitCodes.complete;
      } finally {
        unfollow();
      }
    });
  },
});

/** Schedules of one store are told apart by what they warm. */
function scheduleName(prefix: string, group: string | undefined): string {
  const words = ['warm', prefix, ...(group === undefined ? [] : [group])].join(':');
  return words.replace(/[^\w.:-]/g, '-').slice(0, 64);
}
