import type { Cut } from '../model/chunkers.ts';
import { encode } from '../model/codec.ts';
import type { TaskInput } from '../model/executor.ts';
import type { JobDefinition } from '../model/job.ts';

/** A chunk of a job's input, in input order. */
export interface Piece {
  readonly number: number;
  /** Position of its first item in the input; for slices the chunk number. */
  readonly first: number;
  readonly input: TaskInput;
}

/** Cuts an input as its job says: each slice, or the items by the job's own chunker. */
export async function* readPieces(job: JobDefinition, input: unknown, signal: AbortSignal): AsyncGenerator<Piece> {
  let number = 0;
  if (job.slices) {
    for await (const slice of job.slices(input, { signal })) {
      yield { number, first: number, input: { type: 'slice', slice: encode(slice, `slice ${number}`) } };
      number++;
    }
    return;
  }
  const cutter = job.chunk?.start();
  if (!job.source || !cutter) throw new TypeError(`Job ${job.name} has neither slices nor a source with a chunker.`);
  for await (const item of job.source(input, { signal })) {
    for (const cut of cutter.push(item)) yield pieceOf(cut, number++);
  }
  for (const cut of cutter.end()) yield pieceOf(cut, number++);
}

function pieceOf({ first, items, before, after }: Cut, number: number): Piece {
  return { number, first, input: { type: 'items', items, before, after } };
}
