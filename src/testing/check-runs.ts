import { byCount, type Chunker } from '../model/chunkers.ts';
import { encode } from '../model/codec.ts';
import { MillraceError } from '../model/errors.ts';
import type { WorkShape } from '../model/executor.ts';
import type { Job, JobDefinition } from '../model/job.ts';
import type { Outcome } from '../model/outcome.ts';
import { comparableJob } from './comparable-job.ts';
import { isSameAnswer, showBoth } from './differ.ts';
import { seededRandom } from './random.ts';
import { runInEngine } from './run-in-engine.ts';
import { runSequential } from './run-sequential.ts';
import type { Answer } from './windows.ts';

/** How many runs, and which. */
export interface RunsToCheck {
  readonly runs: number;
  readonly seed: number;
}

/** A way to cut the input, in words. */
interface Chunking {
  readonly words: string;
  readonly job: Job<unknown, unknown, unknown>;
}

const workerCounts = [1, 2, 4];

/**
 * Compares whole runs of a job with `runSequential`: first chunk sizes one after another, then an engine.
 *
 * @returns How many runs of an engine were compared.
 */
export async function checkRuns(job: JobDefinition, shape: WorkShape, input: unknown, toCheck: RunsToCheck): Promise<number> {
  const chunkings = chunkingsOf(job, shape);
  const expected = await sequentialAnswer(chunkings[0] as Chunking, input);
  if ('threw' in expected) {
    throw new MillraceError(
      'SESSION_FAILED',
      `Job ${job.name} has no result on this input, so no runs were compared; it failed with ${expected.threw}`,
    );
  }
  // The first is the job's own chunking once more: a result left to chance is found out before anything else is blamed.
  for (const [index, chunking] of chunkings.entries()) {
    const answer = await sequentialAnswer(chunking, input);
    if (!isSameAnswer(expected, answer)) throw sizeMatters(job, expected, answer, index === 0 ? undefined : chunking.words);
  }
  for (let run = 0; run < toCheck.runs; run++) await checkRun(job, chunkings, input, expected, run, toCheck);
  return toCheck.runs;
}

/** The job's own chunking; and others where the result may not depend on it. */
function chunkingsOf(job: JobDefinition, { kind }: WorkShape): Chunking[] {
  const chunking = (words: string, chunk?: Chunker<unknown>): Chunking => ({ words, job: comparableJob(job, chunk) });
  const own = chunking('its own chunks');
  const isFree = kind === 'each' || (job.combine !== undefined && !job.chunk?.looksAround);
  if (job.slices || job.taskId || !isFree) return [own];
  const sizes = [1, 2, 7].map((size) => chunking(size === 1 ? 'chunks of 1 item' : `chunks of ${size} items`, byCount(size)));
  return [own, ...sizes, chunking('one chunk', byCount(mostItems))];
}

/** More than any input that is small enough to be checked. */
const mostItems = 1_000_000;

async function checkRun(
  job: JobDefinition,
  chunkings: readonly Chunking[],
  input: unknown,
  expected: Answer,
  run: number,
  { seed }: RunsToCheck,
): Promise<void> {
  const chunking = chunkings[run % chunkings.length] as Chunking;
  const workers = workerCounts[Math.floor(run / chunkings.length) % workerCounts.length] as number;
  const { outcome, repeated } = await runInEngine(chunking.job, input, workers, seededRandom(seed + run * runStride));
  const answer = answerOf(outcome);
  if (isSameAnswer(expected, answer)) return;
  const [one, other] = showBoth(expected, answer);
  throw new MillraceError(
    'LAW_BROKEN',
    `The result of job ${job.name} depends on how it is run: one batch after another gives ${one}, ` +
      `but ${other} in ${chunking.words} with ${workers} at once${repeatedWords(repeated)} (run ${run} of seed ${seed}). ` +
      'Work must depend on its items alone: not on the attempt, nor on what ran before it or beside it.',
  );
}

/** Keeps the random numbers of runs apart: 2^32 over the golden ratio. */
const runStride = 0x9e3779b1;

function repeatedWords(numbers: readonly number[]): string {
  if (numbers.length === 0) return '';
  const shown = numbers.slice(0, 10).join(', ');
  return `, where batch ${shown}${numbers.length > 10 ? ', ...' : ''} had to run twice`;
}

async function sequentialAnswer({ job }: Chunking, input: unknown): Promise<Answer> {
  return answerOf(await runSequential(job, input));
}

function answerOf(outcome: Outcome<unknown>): Answer {
  if (outcome.status !== 'completed') return { threw: `${outcome.error.code ?? outcome.status}: ${outcome.error.message}` };
  return { output: outcome.result === undefined ? null : encode(outcome.result) };
}

function sizeMatters(job: JobDefinition, expected: Answer, answer: Answer, words: string | undefined): MillraceError {
  const [one, other] = showBoth(expected, answer);
  return new MillraceError(
    'LAW_BROKEN',
    words === undefined
      ? `The result of job ${job.name} is not the same twice: the first run gives ${one}, the second ${other}. ` +
          'Look for random numbers, the time of day, and state that outlives a run.'
      : `The result of job ${job.name} depends on the size of its chunks: its own give ${one}, but ${words} ${other}. ` +
          'A result may not hold what differs between sizes: numbers of batches, or items lost with a chunk that threw for one of them (use fail).',
  );
}
