import { posix, win32 } from 'node:path';

/** A log that a poll listed: what is enqueued. */
export interface Listing {
  /** `partner_tasks:PARTNER:AIRCRAFT:LOG`: the same whenever the log is listed. */
  readonly taskId: string;
  /** Where its file is, below the source's folder or URL. */
  readonly file: string;
}

/** What a source answered to one poll. */
export interface Poll {
  /** Seconds since the source's first moment: the time of a virtual clock; null when the answer has none. */
  readonly t: number | null;
  /** Entries of the answer, invalid ones included. */
  readonly listed: number;
  /** Entries that name no log, or a file elsewhere: they are counted, and never enqueued. */
  readonly invalid: number;
  readonly logs: readonly Listing[];
}

/**
 * Reads the answer of a source: `{ t, logs: [{ partnerCode, aircraftId, logId, file }] }`.
 *
 * @throws TypeError when it is nothing of the kind.
 */
export function readPoll(answer: unknown): Poll {
  const { t, logs } = (answer ?? {}) as { readonly t?: unknown; readonly logs?: unknown };
  if (!Array.isArray(logs)) throw new TypeError('the answer has no list of logs');
  const valid = logs.flatMap((entry) => readListing(entry) ?? []);
  const time = typeof t === 'number' && t >= 0 && t <= 1e10 ? t : null;
  return { t: time, listed: logs.length, invalid: logs.length - valid.length, logs: valid };
}

function readListing(entry: unknown): Listing | undefined {
  const { partnerCode, aircraftId, logId, file } = (entry ?? {}) as Readonly<Record<string, unknown>>;
  const [partner, aircraft, log, path] = [partnerCode, aircraftId, logId, file].map(readName);
  if (partner === undefined || aircraft === undefined || log === undefined || path === undefined) return undefined;
  const inside = pathInside(path);
  // A colon within one of the first two would make two logs the same task.
  const [first, second] = [partner, aircraft].map((name) => name.replace(/[%:]/g, encodeURIComponent));
  return inside === undefined ? undefined : { taskId: `partner_tasks:${first}:${second}:${log}`, file: inside };
}

/** A text with something in it, of at most 500 characters, that breaks no line of a table. Numbers are names, too. */
function readName(value: unknown): string | undefined {
  const name = typeof value === 'number' ? String(value) : value;
  if (typeof name !== 'string' || name.trim() === '' || name.length > 500) return undefined;
  return /\p{Cc}/u.test(name) ? undefined : name;
}

/** The path without detours; undefined when it leads elsewhere. Partners may write paths of any system. */
function pathInside(file: string): string | undefined {
  if (posix.isAbsolute(file) || win32.isAbsolute(file) || /^[a-z]:/i.test(file)) return undefined;
  const path = posix.normalize(file.replaceAll('\\', '/'));
  return path === '.' || path === '..' || path.startsWith('../') || path.endsWith('/') ? undefined : path;
}
