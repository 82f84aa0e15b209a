import { resolve } from 'node:path';
import { readPattern } from '../../../engine/schedules/pattern.ts';
import { errorInfo } from '../../../model/error-info.ts';
import { planOptions, type TracksOptions } from '../../../workloads/tracks/options.ts';
import { tracksJobs } from '../../../workloads/tracks/run-tracks.ts';
import { UsageError } from '../../arguments/usage-error.ts';
import { type ExitCode, exitCodes } from '../../exit-code.ts';
import { openRunStore } from '../../store/run-store.ts';
import { moment, number } from '../../terminal/words.ts';
import { type EngineCall, type Running, withEngine } from '../../with-engine.ts';
import { giveUp } from '../give-up.ts';
import { leftBehind } from '../left-behind.ts';
import { type Made, makeTracks } from '../make-tracks.ts';
import { checkSameRequest, type RecordedRequest, recordRequest } from '../request.ts';
import { dailyInputs } from './daily-inputs.ts';
import { type DailyInput, dailyJob } from './daily-job.ts';
import { readUsers } from './read-users.ts';
import { answersOf, followTicks, tellOnce, type UserAnswer } from './tell-daily.ts';

/** What was asked for besides the users. */
export interface DailyCall extends Pick<EngineCall, 'terminal' | 'workers' | 'executor'> {
  /** A config, or a folder with a folder for each user. */
  readonly place: string;
  /** Options of users whose own settings do not say otherwise. */
  readonly defaults: TracksOptions;
  readonly out: string;
  readonly store: string | undefined;
  readonly cron: string | undefined;
  readonly zone: string | undefined;
  /** Run one tick now, and end. */
  readonly once: boolean;
}

/** Every four hours. */
const usualCron = '0 */4 * * *';

const scheduleName = 'tracks-daily';

/** `millrace tracks --mode daily`: keeps the tracks of users up to date. */
export async function runDaily(call: DailyCall): Promise<ExitCode> {
  const { terminal, place, out } = call;
  const config = readUsers(place);
  for (const { settings } of [{ settings: {} }, ...config.users]) planOptions({ ...call.defaults, ...settings });
  readPattern(call.cron ?? config.cron ?? usualCron, call.zone ?? config.zone ?? 'UTC');
  const { store, name } = await openRunStore(call.store, out, terminal);
  if (!store.supports.durable) {
    throw new UsageError(
      '--mode daily needs a store that lasts: it goes on from the run before. Leave out --store, or name a file.',
    );
  }
  let running: Running | undefined;
  const job = dailyJob(async (input) => {
    if (!running) throw new Error('The engine is not open yet.');
    return makeForUser({ ...running, finishing: () => undefined }, input);
  });
  let stop = (): void => undefined;
  const stopped = new Promise<void>((done) => {
    stop = done;
  });
  const hint = (): string => 'To go on, call the same command again.';
  const jobs = [...tracksJobs, job];
  return withEngine({ ...call, store, jobs, hint, drain: () => stop() }, async (opened) => {
    running = opened;
    const { engine } = opened;
    const skipped: UserAnswer[] = [];
    const inputs = dailyInputs({
      engine,
      job,
      out,
      users: () => readUsers(place),
      defaults: call.defaults,
      onSkip: (user, status) => void skipped.push({ user, status }),
    });
    const unfollow = call.once ? undefined : followTicks({ terminal, engine, job, schedule: scheduleName });
    try {
      const cron = call.cron ?? config.cron ?? usualCron;
      const zone = call.zone ?? config.zone ?? 'UTC';
      const schedule = await engine.schedule(job, cron, { name: scheduleName, zone, inputs });
      if (call.once) {
        const answers = await answersOf(await schedule.run());
        await schedule.stop();
        return tellOnce(terminal, [...answers, ...skipped], name);
      }
      const next = (await engine.schedules()).find((one) => one.name === scheduleName)?.next ?? null;
      terminal.note(`${number(config.users.length)} users; the next run is at ${moment(next)} (UTC).`);
      await stopped;
      await schedule.stop();
      return exitCodes.complete;
    } finally {
      unfollow?.();
    }
  });
}

/** Goes on with what was interrupted, if it is the same; what is not is given up, so that it can't overwrite what is newer. */
async function makeForUser(running: Running, input: DailyInput): Promise<{ made: Made; request: RecordedRequest }> {
  const request = await recordRequest(input.files, input.out, input.options);
  for (const one of await leftBehind(running.engine.store)) {
    if (one.request.out !== resolve(input.out)) continue;
    try {
      checkSameRequest(one.record.id, one.request, request);
    } catch (refusal) {
      running.logger.info({ session: one.record.id, why: errorInfo(refusal).message }, 'interrupted run is given up');
      await giveUp(running.engine, one);
    }
  }
  return { made: await makeTracks(running, request), request };
}
