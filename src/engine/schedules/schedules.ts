import { checkOneOf } from '../../model/check-job-definition.ts';
import { checkFunction, checkOptionNames } from '../../model/check-option-names.ts';
import { InvalidOptionError } from '../../model/errors.ts';
import type { JobDefinition } from '../../model/job.ts';
import type { NewSchedule } from '../../model/schedules.ts';
import type { Schedule, ScheduleOptions } from '../api/schedules.ts';
import { readPattern } from './pattern.ts';
import type { ScheduleParts } from './registered.ts';
import { createScheduleRunner, type ScheduleRunner } from './schedule-runner.ts';

/** The schedules that this host runs. */
export interface Schedules {
  /** Enters a schedule into the store, and runs it from now on. @throws InvalidOptionError */
  add(job: JobDefinition, cron: string, options: ScheduleOptions<never>): Promise<Schedule<unknown, unknown>>;
  /** Deletes a schedule from the store. False when there is none. */
  remove(name: string): Promise<boolean>;
  /** Looks what is to be done. */
  look(): void;
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

const optionNames = { inputs: true, name: true, zone: true, overlap: true, catchUp: true } as const satisfies Record<
  keyof ScheduleOptions<never>,
  true
>;

/** Names in stores, terminals and commands. */
const namePattern = /^[A-Za-z][A-Za-z0-9._:-]{0,63}$/;

function checkSchedule(job: JobDefinition, cron: string, options: ScheduleOptions<never>): NewSchedule {
  checkOptionNames(options, 'schedule', optionNames);
  const { inputs, name = job.name, zone = 'UTC', overlap = 'skip', catchUp = 'once' } = options;
  if (typeof name !== 'string' || !namePattern.test(name)) {
    const expected = 'a letter, then up to 63 letters, digits, dots, colons, dashes or underscores';
    throw new InvalidOptionError('schedule: name', name, expected);
  }
  if (inputs === undefined) throw new InvalidOptionError('schedule: inputs', inputs, 'a function');
  checkFunction(inputs, 'schedule: inputs');
  checkOneOf(overlap, 'schedule: overlap', ['skip', 'queue']);
  checkOneOf(catchUp, 'schedule: catchUp', ['once', 'none', 'all']);
  readPattern(cron, zone);
  return { name, job: job.name, cron: cron.trim(), zone, overlap, catchUp };
}

export function createSchedules(parts: ScheduleParts): Schedules {
  const { store, persist } = parts.host.ports;
  const runners = new Map<string, ScheduleRunner>();
  /** Names that are just being entered. */
  const entering = new Set<string>();
  const stop = async (name: string): Promise<void> => {
    const runner = runners.get(name);
    runners.delete(name);
    await runner?.stop();
  };
  const enter = async (given: NewSchedule): Promise<void> => {
    const { name, job } = given;
    if (runners.has(name) || entering.has(name)) {
      throw new InvalidOptionError('schedule: name', name, 'one that no schedule of this engine has');
    }
    entering.add(name);
    try {
      const [known] = await persist(() => store.listSchedules({ name }));
      if (known && known.job !== job) {
        const expected = `a name of its own: a schedule of job ${known.job} has it (engine.removeSchedule deletes that)`;
        throw new InvalidOptionError('schedule: name', name, expected);
      }
      await persist(() => store.saveSchedule(given));
    } finally {
      entering.delete(name);
    }
  };
  return {
    async add(job, cron, options) {
      const given = checkSchedule(job, cron, options);
      const { name } = given;
      await enter(given);
      parts.closed.throwIfAborted();
      const registered = { given, job, inputs: options.inputs as (tick: unknown) => never };
      const runner = createScheduleRunner(parts, registered, () => void stop(name));
      runners.set(name, runner);
      runner.wake();
      return { name, run: runner.run, stop: () => stop(name) };
    },
    async remove(name) {
      const removed = await persist(() => store.removeSchedule(name));
      await stop(name);
      return removed;
    },
    look() {
      for (const runner of runners.values()) runner.wake();
    },
    async stop() {
      await Promise.all([...runners.keys()].map(stop));
    },
  };
}
