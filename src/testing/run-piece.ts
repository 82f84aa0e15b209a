import { decode, type Payload } from '../model/codec.ts';
import type { ErrorInfo } from '../model/errors.ts';
import type { ItemFailure } from '../model/executor.ts';
import type { JobDefinition } from '../model/job.ts';
import type { OpenWork } from './open-work.ts';
import type { Piece } from './read-pieces.ts';

/** What became of one piece after all its attempts. */
export interface EndedPiece {
  readonly piece: Piece;
  readonly items: number;
  readonly dead: readonly DeadItems[];
  /** What the newest attempt of the whole piece failed with, if it was given up for that. */
  readonly error?: ErrorInfo;
  /** Stored outputs, attempt by attempt. */
  readonly rows: readonly OutputRow[];
  readonly counters: readonly Readonly<Record<string, number>>[];
}

/** An item, or all that was left of a piece, that was given up. */
export interface DeadItems {
  readonly places: readonly number[];
  readonly error: ErrorInfo;
  readonly attempts: number;
}

interface OutputRow {
  readonly places: readonly number[] | null;
  readonly data: Payload;
}

/** Runs a piece until it has ended: what may work the next time is tried again at once, as often as the job allows. */
export async function runPiece(work: OpenWork, job: JobDefinition, piece: Piece): Promise<EndedPiece> {
  const attempts = job.retry?.attempts ?? 3;
  const rows: OutputRow[] = [];
  const dead: DeadItems[] = [];
  const counters: Readonly<Record<string, number>>[] = [];
  let only: readonly number[] | undefined;
  for (let attempt = 1; ; attempt++) {
    const mayRetry = (error: ErrorInfo): boolean => attempt < attempts && isRetryable(job, error);
    const reply = await work.run(piece, attempt, only);
    if (reply.error) {
      if (mayRetry(reply.error)) continue;
      dead.push({ places: only ?? placesOf(reply.items), error: reply.error, attempts: attempt });
      return { piece, items: reply.items, rows, dead, error: reply.error, counters };
    }
    if (reply.output !== null) rows.push({ places: reply.places ?? null, data: reply.output });
    if (reply.counters) counters.push(reply.counters);
    // What `chunk` work gives up itself is given up; what `each` throws may be tried again.
    const again = work.shape.kind === 'each' ? reply.failures.filter(({ error }) => mayRetry(error)) : [];
    for (const failure of reply.failures) if (!again.includes(failure)) dead.push(deadItem(failure, attempt));
    if (again.length === 0) return { piece, items: reply.items, rows, dead, counters };
    only = again.map(({ place }) => place);
  }
}

/** Outputs of a piece in the order of its items; decoded anew each time, so that nobody changes them for another. */
export function outputsOf(piece: EndedPiece, kind: 'each' | 'chunk'): unknown[] {
  return placedOutputs(piece, kind).map(({ value }) => value);
}

interface Placed {
  readonly place: number;
  readonly value: unknown;
}

function placedOutputs(piece: EndedPiece, kind: 'each' | 'chunk'): Placed[] {
  const { rows } = piece;
  // Without a living item a chunk has no output, whatever it returned.
  if (kind === 'chunk' && piece.items > 0 && deadItems(piece) >= piece.items) return [];
  if (kind === 'chunk') return rows.map(({ data }) => ({ place: 0, value: decode(data) }));
  return rows
    .flatMap(({ places, data }) =>
      (decode(data) as unknown[]).map((value, index) => ({ place: places?.[index] ?? index, value })),
    )
    .sort((left, right) => left.place - right.place);
}

/** What `combine` sees of pieces: their outputs, and, of a job with `hole`, a value for all that was given up between two of them. */
export function* valuesToCombine(job: JobDefinition, pieces: readonly EndedPiece[], kind: 'each' | 'chunk'): Generator<unknown> {
  let missing = 0;
  for (const piece of pieces) {
    const outputs = placedOutputs(piece, kind);
    // A chunk that has an output tells by itself what it left out.
    const dead = kind === 'chunk' && outputs.length > 0 ? [] : piece.dead.flatMap(({ places }) => places);
    const marks = [...outputs, ...dead.map((place) => ({ place, value: gone }))].sort((left, right) => left.place - right.place);
    for (const { value } of marks) {
      if (value === gone) {
        missing++;
        continue;
      }
      if (missing > 0 && job.hole) yield job.hole({ items: missing });
      missing = 0;
      yield value;
    }
  }
  if (missing > 0 && job.hole) yield job.hole({ items: missing });
}

/** Stands for an item that was given up. */
const gone = Symbol('gone');

/** How many items of a piece were given up. */
export function deadItems({ dead }: EndedPiece): number {
  return dead.reduce((count, { places }) => count + places.length, 0);
}

function placesOf(items: number): number[] {
  return [...Array(Math.max(items, 1)).keys()];
}

function deadItem({ place, error }: ItemFailure, attempts: number): DeadItems {
  return { places: [place], error, attempts };
}

function isRetryable(job: JobDefinition, error: ErrorInfo): boolean {
  const verdict = job.retry?.classify?.(error);
  if (verdict !== undefined) return verdict === 'retry';
  return !['permanent', 'unserializable', 'module'].includes(error.category);
}
