import type { JobDefinition } from '../model/job.ts';
import type { Counts, FailureGroup } from '../model/outcome.ts';
import { type DeadItems, deadItems, type EndedPiece } from './run-piece.ts';

/** What a run counts. */
export interface Tally {
  readonly counts: Counts;
  readonly counters: Readonly<Record<string, number>>;
  readonly failures: readonly FailureGroup[];
}

const mostGroups = 20;
const mostExamples = 5;

/** Counts pieces and items as an engine does. */
export function tallyOf(job: JobDefinition, pieces: readonly EndedPiece[]): Tally {
  const total = sum(pieces, ({ items }) => items);
  const failed = sum(pieces, deadItems);
  const completedPieces = pieces.filter(isCompleted).length;
  return {
    counts: {
      items: { total, completed: sum(pieces, (piece) => Math.max(0, piece.items - deadItems(piece))), failed, cancelled: 0 },
      batches: {
        total: pieces.length,
        pending: 0,
        running: 0,
        completed: completedPieces,
        failed: pieces.length - completedPieces,
        crashed: 0,
        cancelled: 0,
      },
    },
    counters: sumCounters(pieces.flatMap(({ counters }) => counters)),
    failures: groupFailures(job, pieces),
  };
}

/** A piece is completed when something of it is good, or there was nothing in it. */
function isCompleted(piece: EndedPiece): boolean {
  return piece.dead.length === 0 || deadItems(piece) < piece.items;
}

function sum<T>(list: readonly T[], of: (item: T) => number): number {
  return list.reduce((total, item) => total + of(item), 0);
}

function sumCounters(parts: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const totals = new Map<string, number>();
  for (const [name, by] of parts.flatMap((part) => Object.entries(part))) totals.set(name, (totals.get(name) ?? 0) + by);
  return Object.fromEntries(totals);
}

function groupFailures(job: JobDefinition, pieces: readonly EndedPiece[]): FailureGroup[] {
  const groups = new Map<string, { message: string; category: FailureGroup['category']; items: number; examples: string[] }>();
  for (const piece of pieces) {
    for (const dead of piece.dead) {
      const { message, category } = dead.error;
      const key = `${category} ${message}`;
      const group = groups.get(key) ?? { message, category, items: 0, examples: [] };
      groups.set(key, group);
      group.items += dead.places.length;
      if (group.examples.length < mostExamples) group.examples.push(nameOf(job, piece, dead));
    }
  }
  return [...groups.values()].sort((left, right) => right.items - left.items).slice(0, mostGroups);
}

function nameOf(job: JobDefinition, piece: EndedPiece, { places }: DeadItems): string {
  const first = itemIdOf(job, piece, places[0] ?? 0);
  return places.length > 1 ? `${first}..${itemIdOf(job, piece, places.at(-1) ?? 0)}` : first;
}

function itemIdOf(job: JobDefinition, { piece, items }: EndedPiece, place: number): string {
  if (piece.input.type === 'slice') return items > 1 ? `${piece.number}.${place}` : `${piece.number}`;
  return job.itemId ? job.itemId(piece.input.items[place]) : `${piece.first + place}`;
}
