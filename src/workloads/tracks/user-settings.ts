import { LRUCache } from 'lru-cache';
import { planOptions, type TracksOptions } from './options.ts';

/** How long settings are kept in memory. */
export interface UserSettingsOptions {
  /** Users whose settings are kept; the one asked for least lately goes first. @default 1,000 */
  readonly max?: number;
  /** Settings are read again after so many milliseconds. @default 60,000 */
  readonly keepMs?: number;
}

/**
 * The options of users, from wherever a host keeps them: each is read once however many ask at the same time, and kept for a while.
 * A session notes the options that it began with, so that settings may change while it runs, or waits to be resumed.
 *
 * @param read - Called with the user's name. What it throws reaches all who asked, and the next one reads again.
 * @returns Called with a user's name. @throws InvalidOptionError for options that can't be, as `runTracks` would.
 */
export function createUserSettings(
  read: (user: string) => TracksOptions | Promise<TracksOptions>,
  { max = 1_000, keepMs = 60_000 }: UserSettingsOptions = {},
): (user: string) => Promise<TracksOptions> {
  const known = new LRUCache<string, TracksOptions>({
    max,
    ttl: keepMs,
    // More users asked at once than are kept: the answer still reaches who asked.
    ignoreFetchAbort: true,
    fetchMethod: async (user) => {
      const options = structuredClone(await read(user));
      planOptions(options);
      return Object.freeze(options);
    },
  });
  return (user) => known.forceFetch(user);
}
