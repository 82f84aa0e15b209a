import { decode, encode, type Payload } from '../model/codec.ts';
import { errorInfo } from '../model/error-info.ts';
import type { JobDefinition } from '../model/job.ts';
import type { OpenWork } from './open-work.ts';
import type { Piece } from './read-pieces.ts';
import { deadItems, runPiece, valuesToCombine } from './run-piece.ts';

/** What came of a stretch of the input, encoded: null is no output. */
export type Answer = { readonly output: Payload | null } | { readonly threw: string };

type Atom = 'item' | 'chunk' | 'slice';

/** A job's input as a row of atoms, the smallest pieces it may be cut into. */
export interface Windows {
  /** Atoms in the input. */
  readonly count: number;
  /** What an atom is, for messages. */
  readonly atom: Atom;
  /** Atoms in the longest stretch worth trying. */
  readonly longest: number;
  /** What comes of the atoms `from` up to `to` (exclusive) as one piece. */
  whole(from: number, to: number): Promise<Answer>;
  /** Joins what came of two neighbours. */
  join(left: Answer, right: Answer): Answer;
}

/** Stretches whose answers are kept: shrinking asks for the same ones again and again. */
const mostKept = 4_096;

/** Long folds of growing values cost their square, and find nothing that shorter ones do not. */
const longestFold = 256;

/** Opens a job's input for trying cuts on it. Work is called again only for stretches that were not asked for lately. */
export function openWindows(job: JobDefinition, work: OpenWork, pieces: readonly Piece[]): Windows {
  const { combine } = job;
  if (!combine) throw new TypeError(`Job ${job.name} has no combine.`);
  const join = (left: Answer, right: Answer): Answer => joinAnswers(combine, left, right);
  const runnable = work.shape.kind === 'chunk' && !job.slices;
  const atom: Atom = job.slices ? 'slice' : runnable && job.chunk?.looksAround ? 'chunk' : 'item';
  const row = atom === 'item' ? splitToItems(pieces) : pieces;
  const whole = runnable ? (from: number, to: number) => run(work, job, mergePieces(row.slice(from, to))) : fold;
  const atoms = new Map<number, Promise<Answer>>();
  const kept = new Map<string, Promise<Answer>>();

  /** Where stretches can't be run as one, `combine` alone is tried: from left to right stands for the whole. */
  async function fold(from: number, to: number): Promise<Answer> {
    let answer: Answer = { output: null };
    for (let index = from; index < to; index++) answer = join(answer, await atomAt(index));
    return answer;
  }

  function atomAt(index: number): Promise<Answer> {
    const answer = atoms.get(index) ?? run(work, job, row[index] as Piece);
    atoms.set(index, answer);
    return answer;
  }

  return {
    count: row.length,
    atom,
    longest: runnable ? row.length : Math.min(row.length, longestFold),
    join,
    whole(from, to) {
      const key = `${from} ${to}`;
      const answer = kept.get(key) ?? whole(from, to);
      kept.set(key, answer);
      if (kept.size > mostKept) kept.delete(kept.keys().next().value as string);
      return answer;
    },
  };
}

/** Each item as a piece of its own. */
function splitToItems(pieces: readonly Piece[]): Piece[] {
  return pieces.flatMap(({ input, first }) =>
    input.type === 'slice'
      ? []
      : input.items.map((item, index) => ({
          number: first + index,
          first: first + index,
          input: { type: 'items', items: [item], before: [], after: [] },
        })),
  );
}

/** Neighbours as one piece: their cores joined, with the overlap of the outermost. */
function mergePieces(pieces: readonly Piece[]): Piece {
  const inputs = pieces.flatMap(({ input }) => (input.type === 'items' ? [input] : []));
  const items = inputs.flatMap((input) => input.items);
  const first = pieces[0] as Piece;
  return { ...first, input: { type: 'items', items, before: inputs[0]?.before ?? [], after: inputs.at(-1)?.after ?? [] } };
}

async function run(work: OpenWork, job: JobDefinition, piece: Piece): Promise<Answer> {
  const ended = await runPiece(work, job, piece);
  const { combine } = job;
  if (ended.error) return { threw: ended.error.message };
  // Items given up are as if never in the input, unless they leave a hole.
  if (deadItems(ended) >= ended.items && !job.hole) return { output: null };
  try {
    const values = valuesToCombine(job, [ended], work.shape.kind);
    const answers = [...values].map((value): Answer => ({ output: encode(value) }));
    return answers.reduce((left, right) => (combine ? joinAnswers(combine, left, right) : right), { output: null });
  } catch (thrown) {
    return { threw: `hole threw: ${errorInfo(thrown).message}` };
  }
}

/** Values are decoded anew for every call: a `combine` that changes its arguments must not hide what it does. */
function joinAnswers(combine: NonNullable<JobDefinition['combine']>, left: Answer, right: Answer): Answer {
  if ('threw' in left) return left;
  if ('threw' in right) return right;
  if (left.output === null) return right;
  if (right.output === null) return left;
  try {
    return { output: encode(combine(decode(left.output), decode(right.output))) };
  } catch (thrown) {
    return { threw: `combine threw: ${errorInfo(thrown).message}` };
  }
}
