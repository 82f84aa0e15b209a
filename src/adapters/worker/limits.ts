import type { Limits } from '../../model/work.ts';
import type { NoteReading } from './note.ts';

/**
 * How long a worker may load a work and set it up. This is outside of `timeout`: a fresh worker pays it again, so counted there
 * it would fail every attempt of a short batch. It only ends an import or `setup` that never would.
 */
export const prepareMs = 60_000;

/**
 * How long a worker may be silent between two batches, or after the last, where any limit is set: work that breaks what a worker
 * answers with would otherwise hold its session for ever.
 */
const answerMs = 60_000;

/** A limit that was passed: by loading and setting up, by the item in hand, by the whole batch, or by its answer once it had ended. */
export interface PassedLimit {
  readonly scope: 'preparation' | 'item' | 'batch' | 'answer';
  readonly category: 'timeout' | 'stalled';
  readonly limitMs: number;
}

/** Either the limit that was passed, or how long none can be: for ever when none is set. */
export type LimitCheck = { readonly passed: PassedLimit } | { readonly passed?: undefined; readonly waitMs: number };

/** Whether any limit is set. */
export function hasLimits(limits: Limits): boolean {
  return limits.timeoutMs !== undefined || limits.itemTimeoutMs !== undefined || limits.stallMs !== undefined;
}

/** Compares a note with the limits. The batch's limit counts before the item's: more ends with it. */
export function checkLimits(note: NoteReading, limits: Limits, now: number): LimitCheck {
  const hasEnded = note.started && note.preparingAt === 0 && note.taskAt === 0;
  const clocks = [
    { scope: 'preparation', category: 'timeout', limitMs: note.preparingAt ? prepareMs : undefined, since: note.preparingAt },
    { scope: 'batch', category: 'timeout', limitMs: limits.timeoutMs, since: note.taskAt },
    { scope: 'item', category: 'timeout', limitMs: limits.itemTimeoutMs, since: note.itemAt },
    { scope: 'batch', category: 'stalled', limitMs: limits.stallMs, since: note.taskAt && note.beatAt },
    { scope: 'answer', category: 'stalled', limitMs: hasEnded && hasLimits(limits) ? answerMs : undefined, since: note.beatAt },
  ] as const;
  let waitMs = Number.POSITIVE_INFINITY;
  for (const { scope, category, limitMs, since } of clocks) {
    if (limitMs === undefined) continue;
    const left = since === 0 ? limitMs : since + limitMs - now;
    if (left <= 0) return { passed: { scope, category, limitMs } };
    waitMs = Math.min(waitMs, left);
  }
  return { waitMs };
}

/** Says in words which limit was passed, and which option sets it. */
export function describeLimit({ scope, category, limitMs }: PassedLimit): string {
  if (scope === 'answer')
    return `The work had returned, and its worker gave no answer for ${limitMs} ms: it broke something that workers need.`;
  if (category === 'stalled') return `No progress for ${limitMs} ms: no item ended and progress() was not called (option stall).`;
  if (scope === 'preparation') return `Loading and setting up the work took longer than ${limitMs} ms.`;
  if (scope === 'item') return `The item took longer than ${limitMs} ms (option itemTimeout).`;
  return `The batch took longer than ${limitMs} ms (option timeout).`;
}

/** Thrown to those who wait for work that passed a limit. */
export class LimitPassedError extends Error {
  override readonly name = 'LimitPassedError';
  readonly passed: PassedLimit;

  constructor(passed: PassedLimit) {
    super(describeLimit(passed));
    this.passed = passed;
  }
}
