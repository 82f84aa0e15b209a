import type { Limits } from '../../model/work.ts';
import { checkLimits, hasLimits, type PassedLimit } from '../worker/limits.ts';
import type { Note, NoteReading } from '../worker/note.ts';

/**
 * Watches a group's note, with one timer, and calls once when a limit was passed. The answer stops the watch.
 *
 * Clocks run from the worker's own start of a batch or item, not from its dispatch: waiting for a thread costs no time.
 */
export function watchLimits(note: Note, limits: Limits, onPassed: (passed: PassedLimit, note: NoteReading) => void): () => void {
  if (!hasLimits(limits)) return () => undefined;
  let timer: NodeJS.Timeout;
  const look = (): void => {
    const reading = note.read();
    const check = checkLimits(reading, limits, Date.now());
    if (check.passed) onPassed(check.passed, reading);
    else timer = setTimeout(look, Math.ceil(check.waitMs));
  };
  look();
  return () => clearTimeout(timer);
}
