import { Cron } from 'croner';
import { LRUCache } from 'lru-cache';
import { InvalidOptionError } from '../../model/errors.ts';
import type { Timestamp } from '../../model/ids.ts';

/** The times of a cron pattern by the clocks of a zone. */
export interface Pattern {
  /** The first one after a moment; undefined when there is none. */
  next(after: Timestamp): Timestamp | undefined;
  /** The newest ones up to and including a moment, newest first. */
  last(count: number, until: Timestamp): readonly Timestamp[];
}

/** Five or six fields, or a name such as `@daily`. Croner would also take a date. */
const shape = /^(@[a-z]+|\S+(\s+\S+){4,5})$/i;

const expected =
  "a pattern of 5 or 6 fields, such as '0 */4 * * *' (minute, hour, day, month, weekday), or a name such as '@daily'";

/**
 * Reads a cron pattern. Croner computes the times and never holds a timer.
 *
 * A fixed time that the zone's clocks leave out when they go forward comes as soon as they have gone; one that they show twice comes once.
 * Patterns with steps, lists or wildcards in hours or minutes leave such times out, and come twice.
 *
 * @throws InvalidOptionError naming `cron` or `zone`
 */
export function readPattern(cron: string, zone: string): Pattern {
  const name = `${zone}\n${cron}`;
  const known = patterns.get(name);
  if (known) return known;
  const pattern = readAnew(cron, zone);
  patterns.set(name, pattern);
  return pattern;
}

/** To read one takes longer than to ask it, and each look at a schedule begins with it. */
const patterns = new LRUCache<string, Pattern>({ max: 100 });

function readAnew(cron: string, zone: string): Pattern {
  checkZone(zone);
  if (typeof cron !== 'string' || !shape.test(cron.trim())) throw new InvalidOptionError('schedule: cron', cron, expected);
  const times = parse(cron.trim(), zone);
  if (!times.nextRun(firstDay)) throw new InvalidOptionError('schedule: cron', cron, 'a pattern with a time that comes');
  return {
    next: (after) => times.nextRun(new Date(after))?.getTime(),
    // Croner's are earlier than the moment it is given.
    last: (count, until) => times.previousRuns(count, new Date(until + 1)).map((date) => date.getTime()),
  };
}

/** What comes at all comes after it: patterns have no years. */
const firstDay = new Date(0);

function parse(cron: string, zone: string): Cron {
  try {
    return new Cron(cron, { timezone: zone, mode: '5-or-6-parts' });
  } catch (error) {
    throw new InvalidOptionError('schedule: cron', cron, `${expected} (${(error as Error).message})`);
  }
}

function checkZone(zone: string): void {
  try {
    if (typeof zone === 'string' && new Intl.DateTimeFormat('en', { timeZone: zone })) return;
  } catch {
    // It says no more than that the zone is unknown.
  }
  throw new InvalidOptionError(
    'schedule: zone',
    zone,
    "an IANA time zone that this Node knows, such as 'Europe/Berlin', or 'UTC'",
  );
}
