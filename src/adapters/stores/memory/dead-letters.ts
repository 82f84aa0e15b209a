import type { DeadLetter, FailureGroup } from '../../../model/outcome.ts';
import type { BatchWrite, LetterFilter, NewDeadLetter } from '../../../model/store.ts';
import { type BatchRow, rareOf } from './batch-row.ts';
import { ownError } from './own.ts';
import type { SessionEntry } from './session-entry.ts';

/*
 * Dead letters hang on the session, by the number of the batch whose core has the item: that batch may not have been cut yet
 * when the item dies as part of a neighbour's overlap.
 */

/** Takes back and adds the letters of a write, and keeps what was given up in step. */
export function applyLetters(entry: SessionEntry, { number, takeBack = [], deadLetters = [] }: BatchWrite, at: number): void {
  for (const place of takeBack) {
    const letter = lettersOf(entry, number).find((other) => other.place === place);
    if (!letter) continue;
    removeLetters(entry, number, (other) => other === letter);
    giveUp(entry, number, -letter.items);
  }
  for (const letter of deadLetters) addLetter(entry, letter.number ?? number, letter, at);
}

function addLetter(entry: SessionEntry, number: number, letter: NewDeadLetter, at: number): void {
  const letters = lettersOf(entry, number);
  if (letters.some(({ place }) => place === letter.place)) return;
  const { itemId, place, items, taskId, attempts } = letter;
  const kept = { sessionId: entry.given.id, itemId, taskId, number, place, items, error: ownError(letter.error), attempts, at };
  entry.letters.set(
    number,
    [...letters, Object.freeze(kept)].sort((left, right) => left.place - right.place),
  );
  giveUp(entry, number, letter.items);
}

function giveUp(entry: SessionEntry, number: number, items: number): void {
  entry.tally.itemsFailed += items;
  const row = entry.rows[number];
  if (row) rareOf(row).givenUp += items;
}

/** What of a batch that is cut now died before, as part of a neighbour. */
export function giveUpAhead(entry: SessionEntry, number: number, row: BatchRow): void {
  const items = lettersOf(entry, number).reduce((sum, letter) => sum + letter.items, 0);
  if (items > 0) rareOf(row).givenUp += items;
}

/** Deletes letters. What was given up stays counted. Answers how many. */
export function purgeLetters(entry: SessionEntry, filter: LetterFilter): number {
  const purged = new Set(listLetters(entry, filter));
  for (const number of new Set([...purged].map((letter) => letter.number))) {
    removeLetters(entry, number, (letter) => purged.has(letter));
  }
  return purged.size;
}

function removeLetters(entry: SessionEntry, number: number, isGone: (letter: DeadLetter) => boolean): void {
  const rest = lettersOf(entry, number).filter((letter) => !isGone(letter));
  if (rest.length > 0) entry.letters.set(number, rest);
  else entry.letters.delete(number);
}

function lettersOf(entry: SessionEntry, number: number): readonly DeadLetter[] {
  return entry.letters.get(number) ?? [];
}

/** The letters that a filter names, by batch, then place. */
export function listLetters(
  entry: SessionEntry,
  { number, itemId, group }: Omit<LetterFilter, 'sessionId'>,
): readonly DeadLetter[] {
  const numbers = number === undefined ? [...entry.letters.keys()].sort((left, right) => left - right) : [number];
  return numbers
    .flatMap((wanted) => lettersOf(entry, wanted))
    .filter((letter) => itemId === undefined || letter.itemId === itemId)
    .filter(({ error }) => !group || (error.message === group.message && error.category === group.category));
}

const maxExamples = 5;

/** Letters by message and category, the largest group first. */
export function groupLetters(entry: SessionEntry): readonly FailureGroup[] {
  const groups = new Map<string, FailureGroup>();
  for (const { error, items, itemId } of listLetters(entry, {})) {
    const name = `${error.category}\n${error.message}`;
    const group = groups.get(name) ?? { message: error.message, category: error.category, items: 0, examples: [] };
    const examples = group.examples.length < maxExamples ? [...group.examples, itemId] : group.examples;
    groups.set(name, { ...group, items: group.items + items, examples });
  }
  return [...groups.values()].sort((left, right) => right.items - left.items || compare(left.message, right.message));
}

function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
