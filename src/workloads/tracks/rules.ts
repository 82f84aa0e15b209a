import { calendarOf } from './calendar.ts';

/** The rules by which a history becomes tracks, as they travel to the workers. */
export interface TrackRules {
  /** A longer time between two neighbours splits. Milliseconds. */
  readonly gapMs: number;
  /** A longer way between two neighbours splits. Metres; null: ways never split. */
  readonly jumpM: number | null;
  /** Whether one of the two is enough, or both are needed. */
  readonly rule: 'or' | 'and';
  /** A new track begins with each calendar day of this zone; null: days never split. */
  readonly splitDay: string | null;
  /** Tracks of fewer points are dropped, and their points counted as lonely. */
  readonly minPoints: number;
}

/** Whether two neighbours in time lie in different calendar days, where days split. */
export function splitsDay({ splitDay }: TrackRules, before: number, time: number): boolean {
  if (splitDay === null) return false;
  const calendar = calendarOf(splitDay);
  return calendar.dayOf(before) !== calendar.dayOf(time);
}

/** Whether a new track begins between two neighbours, `ms` and `metres` apart. Both bounds are strict. */
export function splits(rules: TrackRules, ms: number, metres: number): boolean {
  const late = ms > rules.gapMs;
  if (rules.jumpM === null) return late;
  const far = metres > rules.jumpM;
  return rules.rule === 'or' ? late || far : late && far;
}
