import { join } from 'node:path';
import type { Engine } from '../../../engine/api/api.ts';
import { decode } from '../../../model/codec.ts';
import { errorInfo } from '../../../model/error-info.ts';
import type { SessionId } from '../../../model/ids.ts';
import type { TracksOptions } from '../../../workloads/tracks/options.ts';
import { createUserSettings } from '../../../workloads/tracks/user-settings.ts';
import { recordRequest } from '../request.ts';
import type { DailyInput, DailyJob } from './daily-job.ts';
import type { DailyConfig, DailyUser } from './read-users.ts';

/** What is looked at before a user's run. */
export interface DailyParts {
  readonly engine: Engine;
  readonly job: DailyJob;
  /** The folder with a folder for each user. */
  readonly out: string;
  /** Reads the users anew: some may have come since. */
  readonly users: () => DailyConfig;
  /** Options of users whose own settings do not say otherwise. */
  readonly defaults: TracksOptions;
  /** Hears of users for whom nothing is run. */
  readonly onSkip: (user: string, why: 'inactive' | 'no files' | 'nothing new') => void;
}

/** The inputs of each tick: users who are active or on trial, and whose files or settings are not as they were when their last run completed. */
export function dailyInputs(parts: DailyParts): () => AsyncGenerator<DailyInput> {
  let known = new Map<string, DailyUser>();
  // A tick asks for all users' settings; ticks are far apart, and each is to see changes.
  const settingsOf = createUserSettings((user) => ({ ...parts.defaults, ...known.get(user)?.settings, mode: 'incremental' }), {
    keepMs: 1_000,
  });
  return async function* () {
    const { users } = parts.users();
    known = new Map(users.map((user) => [user.name, user]));
    for (const { name, status, files } of users) {
      if (status === 'inactive') parts.onSkip(name, 'inactive');
      else if (files.length === 0) parts.onSkip(name, 'no files');
      else {
        const options = await settingsOf(name);
        const input = { user: name, files, out: join(parts.out, name), options };
        const last = await lastRun(parts, name);
        if (last.isComplete && (await isSame(input, last))) parts.onSkip(name, 'nothing new');
        else yield { ...input, from: last.until };
      }
    }
  };
}

/** How far a user's history has been processed. */
interface LastRun {
  readonly isComplete: boolean;
  readonly until: number | null;
  readonly options?: TracksOptions;
  readonly files?: readonly unknown[];
}

async function lastRun({ engine, job }: DailyParts, user: string): Promise<LastRun> {
  const session = await engine.find(job, { key: user });
  const record = session && (await engine.store.getSession(session.id as SessionId));
  if (!session || !record) return { isComplete: false, until: null };
  // Recorded by this very job.
  const { from, options } = decode(record.input) as DailyInput;
  const result = await session.latestResult();
  if (record.state !== 'completed' || !result) return { isComplete: false, until: from };
  return { isComplete: true, until: result.until ?? from, options, files: result.files };
}

async function isSame({ files, out, options }: Omit<DailyInput, 'from'>, last: LastRun): Promise<boolean> {
  try {
    const request = await recordRequest(files, out, options);
    return inText([request.files, options]) === inText([last.files, last.options]);
  } catch (error) {
    // A file that is gone is told of by the run.
    if (errorInfo(error).code === 'NO_READABLE_INPUT') return false;
    throw error;
  }
}

/** Whatever the order in which the properties were written. */
function inText(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  );
}
