import type { Limits } from '../../model/work.ts';
import { checkLimits, hasLimits, type PassedLimit, prepareMs } from '../worker/limits.ts';
import { monotonicMs } from '../worker/monotonic-clock.ts';
import type { Note, NoteReading } from '../worker/note.ts';

/**
 * Watches a group's note, with one timer, and calls once when a limit was passed. The answer stops the watch.
 *
 * Clocks run from the worker's own start of a batch or item, not from its dispatch: waiting for a thread costs no time.
 */
export function watchLimits(
  note: Pick<Note, 'read'>,
  limits: Limits,
  onPassed: (passed: PassedLimit, note: NoteReading) => void,
): () => void {
  const limited = hasLimits(limits);
  let timer: NodeJS.Timeout;
  const look = (): void => {
    const reading = note.read();
    const check = checkLimits(reading, limits, monotonicMs());
    if (check.passed) onPassed(check.passed, reading);
    // Before the worker begins no clock runs, so the first look may be as late as the shortest of them.
    else if (limited || !reading.started || reading.preparingAt)
      timer = setTimeout(look, Math.ceil(Math.min(check.waitMs, prepareMs)));
  };
  look();
  return () => clearTimeout(timer);
}
