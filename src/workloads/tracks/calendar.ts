const dayMs = 86_400_000;

/** Clocks are never further from UTC than this, either way. */
const mostOffset = 26 * 3_600_000;

/** The days of one zone. */
export interface Calendar {
  /** The day of a moment, as days since 1970-01-01. Never falls as time goes on, also where clocks are put back over midnight. */
  dayOf(ms: number): number;
}

const known = new Map<string, Calendar>();

/**
 * The calendar of a zone. The same one for the same zone.
 *
 * @param zone - An IANA name, such as `Europe/Zurich`, or `UTC`.
 * @throws RangeError where this Node does not know the zone.
 */
export function calendarOf(zone: string): Calendar {
  const calendar = known.get(zone) ?? createCalendar(zone);
  known.set(zone, calendar);
  return calendar;
}

function createCalendar(zone: string): Calendar {
  const dateAt = localDates(zone);
  /** The day of the moment asked last, and where it begins and ends. Neighbours in a history mostly share it. */
  let day = Number.NaN;
  let begin = 0;
  let end = 0;
  return {
    dayOf(ms) {
      if (ms >= begin && ms < end) return day;
      let found = dateAt(ms);
      if (ms < beginOf(dateAt, found)) found--;
      else if (ms >= beginOf(dateAt, found + 1)) found++;
      day = found;
      begin = beginOf(dateAt, found);
      end = beginOf(dateAt, found + 1);
      return day;
    },
  };
}

/**
 * Where a day begins: found by halving between a moment surely before it and one surely in or behind it. That depends on the day and the zone only,
 * so that all workers say the same. A day that a zone leaves out, as Samoa did, begins with the next.
 */
function beginOf(dateAt: (ms: number) => number, day: number): number {
  let before = day * dayMs - mostOffset;
  let behind = day * dayMs + mostOffset;
  while (behind - before > 1) {
    const middle = Math.floor((before + behind) / 2);
    if (dateAt(middle) < day) before = middle;
    else behind = middle;
  }
  return behind;
}

/** What clocks show there as the date, in days since 1970. */
function localDates(zone: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    calendar: 'iso8601',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  });
  return (ms) => {
    const parts = format.formatToParts(ms);
    const part = (name: string): number => Number(parts.find(({ type }) => type === name)?.value);
    return new Date(0).setUTCFullYear(part('year'), part('month') - 1, part('day')) / dayMs;
  };
}
