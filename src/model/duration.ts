import { InvalidOptionError } from './errors.ts';

/** A length of time: milliseconds, or a whole or decimal number with its unit, such as `'250ms'`, `'5s'`, `'1.5h'`, `'7d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function isUnit(unit: string | undefined): unit is keyof typeof unitMs {
  return unit !== undefined && unit in unitMs;
}

/**
 * Reads a duration as milliseconds.
 *
 * @param name - The option's name, for the error.
 * @throws InvalidOptionError when it is not a finite length of time of at least `min` milliseconds.
 */
export function durationMs(value: Duration, name: string, min = 0): number {
  const match = typeof value === 'string' ? /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value) : null;
  const unit = match?.[2];
  const ms = typeof value === 'number' ? value : isUnit(unit) ? Number(match?.[1]) * unitMs[unit] : Number.NaN;
  if (Number.isFinite(ms) && ms >= min) return ms;
  throw new InvalidOptionError(
    name,
    value,
    `a duration of at least ${min} ms: milliseconds, or a number with its unit (ms, s, m, h, d), such as '30s'`,
  );
}
