import { type ErrorCode, MillraceError, PermanentError } from '../../model/errors.ts';

/** An error that trying again will not mend, with the code by which the host knows what to do. Thrown in workers. */
export function permanent(code: ErrorCode, message: string): PermanentError {
  return Object.assign(new PermanentError(message), { code });
}

/** No input that can be read: names the file and says why. */
export function unreadable(file: string, why: string, cause?: unknown): MillraceError {
  return new MillraceError('NO_READABLE_INPUT', unreadableText(file, why), { cause });
}

/** The same in words, for workers. */
export function unreadableText(file: string, why: string): string {
  return `${file} can't be read as a location history: ${why}.`;
}

/** A point that goes back in time, or lies outside the range it was looked for in. */
export function outOfOrder(file: string, time: number, after: number): string {
  return `${file} is not in time order: ${iso(time)} comes after ${iso(after)}. Sort it first, or let runTracks do so.`;
}

function iso(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}
