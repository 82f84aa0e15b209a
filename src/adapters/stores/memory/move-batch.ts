import type { ErrorInfo } from '../../../model/errors.ts';
import type { Timestamp } from '../../../model/ids.ts';
import { type BatchState, isEndedBatch } from '../../../model/moves.ts';
import type { BatchWrite } from '../../../model/store.ts';
import { endsClaim, isLegalWrite, isProgress, isReady, isWaiting, tallyMove } from '../tally.ts';
import { type BatchRow, endedAttempt, never, rareOf } from './batch-row.ts';
import { forgetHit } from './cached-outputs.ts';
import { applyLetters } from './dead-letters.ts';
import { ownError, ownIsolation, ownNumbers } from './own.ts';
import type { SessionEntry } from './session-entry.ts';

/** Carries out one write, if its batch is where the write says and its fence holds. Answers whether it did. */
export function applyWrite(entry: SessionEntry, write: BatchWrite, epochHolds: boolean, now: Timestamp): boolean {
  const row = entry.rows[write.number];
  if (!row || row.state !== write.from || !isLegalWrite(write)) return false;
  if (write.from === 'running' ? row.token === null || row.token !== write.token : !epochHolds) return false;
  row.attempt = write.attempt;
  applyItems(entry, row, write);
  if (write.ms !== undefined) row.ms = write.ms;
  if (write.dropOutputs) dropOutputs(entry, row);
  if (write.output) addOutput(row, write.output, write.counters);
  if (write.suspect !== undefined && (write.suspect || row.rare)) rareOf(row).suspect = write.suspect;
  if (write.isolation !== undefined && (write.isolation || row.rare)) rareOf(row).isolation = ownIsolation(write.isolation);
  if (write.remaining !== undefined && (write.remaining || row.rare)) rareOf(row).remaining = ownNumbers(write.remaining);
  if (write.counters) count(entry, write.counters, 1);
  if (write.deadLetters || write.takeBack) applyLetters(entry, write, now);
  moveRow(entry, write.number, row, write.to, now, write);
  if (isProgress(write)) entry.takeovers = 0;
  return true;
}

/** Whether a write was done before: its claim is the newest that ended, and ended so. */
export function isSettledSo(row: BatchRow | undefined, write: BatchWrite): boolean {
  if (!row || write.token === undefined || !endsClaim(write)) return false;
  if (row.state === 'completed') return write.to === 'completed' && row.token === write.token;
  const newest = row.rare?.attempts.at(-1);
  return newest?.token === write.token && newest.outcome === write.to;
}

function applyItems(entry: SessionEntry, row: BatchRow, write: BatchWrite): void {
  if (write.items !== undefined) {
    entry.tally.items += write.items - row.items;
    row.items = write.items;
  }
  if (write.hash !== undefined) row.hash ??= write.hash;
  if (write.itemsCompleted !== undefined) {
    entry.tally.itemsCompleted += write.itemsCompleted;
    row.completed += write.itemsCompleted;
  }
}

function count({ counters }: SessionEntry, by: Readonly<Record<string, number>>, sign: 1 | -1): void {
  for (const [name, value] of Object.entries(by)) counters.set(name, (counters.get(name) ?? 0) + sign * value);
}

/** What was counted with an output goes with it. */
function dropOutputs(entry: SessionEntry, row: BatchRow): void {
  for (let output = row.output; output; output = output.older) if (output.counters) count(entry, output.counters, -1);
  row.output = null;
}

function addOutput(row: BatchRow, output: NonNullable<BatchWrite['output']>, counters: BatchWrite['counters']): void {
  const own = counters && { counters: Object.freeze({ ...counters }) };
  row.output = { places: ownNumbers(output.places), data: output.data, older: row.output, ...own };
}

/** What a move may bring along. */
interface MoveExtras {
  readonly error?: ErrorInfo | null;
  readonly retryInMs?: number;
}

/** Moves a batch and keeps what hangs on its state: counts, attempts, waiting times, what can be claimed. */
export function moveRow(
  entry: SessionEntry,
  number: number,
  row: BatchRow,
  to: BatchState,
  now: Timestamp,
  extras: MoveExtras = {},
): void {
  const from = row.state;
  const error = ownError(extras.error ?? null);
  if (from === 'completed') {
    noteAttempt(entry, number, row, null, entry.createdAt + row.endedAt);
    forgetHit(entry, row);
  }
  row.state = to;
  tallyMove(entry.tally, from, to);
  if (extras.error !== undefined && (error || row.rare)) rareOf(row).error = error;
  if (row.rare) row.rare.retryAt = null;
  if (from === 'running' && to !== 'completed') noteAttempt(entry, number, row, error, now);
  if (isEndedBatch(to)) endRow(entry, row, to, now);
  else if (isWaiting(to)) waitRow(entry, number, row, Math.round(now + (extras.retryInMs ?? 0)));
  else if (isReady(to)) readyRow(entry, number, row);
}

/** A completed attempt is read from the row itself, until the batch is opened again; any other is noted, since the row goes on. */
function noteAttempt(entry: SessionEntry, number: number, row: BatchRow, error: ErrorInfo | null, endedAt: Timestamp): void {
  rareOf(row).attempts.push(endedAttempt(entry.given.id, entry.createdAt, number, row, error, endedAt));
  row.token = null;
  row.owner = null;
  row.ms = null;
}

function endRow(entry: SessionEntry, row: BatchRow, to: BatchState, now: Timestamp): void {
  row.endedAt = now - entry.createdAt;
  if (to === 'cancelled') entry.tally.itemsCancelled += row.items - row.completed - (row.rare?.givenUp ?? 0);
}

function waitRow(entry: SessionEntry, number: number, row: BatchRow, retryAt: Timestamp): void {
  rareOf(row).retryAt = retryAt;
  entry.waiting.push({ number, retryAt });
}

function readyRow(entry: SessionEntry, number: number, row: BatchRow): void {
  entry.lowestOpen = Math.min(entry.lowestOpen, number);
  row.endedAt = never;
  entry.claimable.push(number);
}
