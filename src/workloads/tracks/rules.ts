/** The rules by which a history becomes tracks, as they travel to the workers. */
export interface TrackRules {
  /** A longer time between two neighbours splits. Milliseconds. */
  readonly gapMs: number;
  /** A longer way between two neighbours splits. Metres; null: ways never split. */
  readonly jumpM: number | null;
  /** Whether one of the two is enough, or both are needed. */
  readonly rule: 'or' | 'and';
  /** Tracks of fewer points are dropped, and their points counted as lonely. */
  readonly minPoints: number;
}

/** Whether a new track begins between two neighbours, `ms` and `metres` apart. Both bounds are strict. */
export function splits(rules: TrackRules, ms: number, metres: number): boolean {
  const late = ms > rules.gapMs;
  if (rules.jumpM === null) return late;
  const far = metres > rules.jumpM;
  return rules.rule === 'or' ? late || far : late && far;
}
