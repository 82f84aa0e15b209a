import { decode, encode } from '../model/codec.ts';
import { errorInfo } from '../model/error-info.ts';
import { type ErrorCode, type ErrorInfo, MillraceError } from '../model/errors.ts';
import type { FinalizeContext, Job, JobDefinition } from '../model/job.ts';
import type { Outcome } from '../model/outcome.ts';
import { type OpenWork, openWork, sequentialSessionId } from './open-work.ts';
import { readPieces } from './read-pieces.ts';
import { type EndedPiece, outputsOf, runPiece, valuesToCombine } from './run-piece.ts';
import { type Tally, tallyOf } from './tally.ts';

/** The `finalizeId` of every run without an engine. */
export const sequentialFinalizeId = `${sequentialSessionId}.1`;

/**
 * Runs a job in the plainest way there is: reads the input, does one piece after another on this thread, combines from left to
 * right, and finalizes. No engine, store or worker: the reference that every parallel run must equal, byte for byte.
 *
 * Failed items are tried again at once, without waiting; time limits do not hold. A work module is imported into this process.
 *
 * @returns The outcome, as `session.outcome()` gives it: what a source, `combine` or `finalize` throws is in its `error`.
 * @throws MillraceError `WORK_MODULE` when the work can't be loaded.
 */
export async function runSequential<Input, Result, Output>(
  job: Job<Input, Result, Output>,
  input: NoInfer<Input>,
): Promise<Outcome<Result>> {
  const work = await openWork(job.definition, input);
  try {
    return (await runWith(work, job.definition, input)) as Outcome<Result>;
  } finally {
    await work.close();
  }
}

async function runWith(work: OpenWork, job: JobDefinition, input: unknown): Promise<Outcome<unknown>> {
  const pieces: EndedPiece[] = [];
  try {
    for await (const piece of readPieces(job, input, new AbortController().signal)) pieces.push(await runPiece(work, job, piece));
  } catch (thrown) {
    const code = thrown instanceof MillraceError ? thrown.code : 'SOURCE_FAILED';
    return failed(tallyOf(job, pieces), code, `The source of job ${job.name} failed`, thrown);
  }
  const tally = tallyOf(job, pieces);
  const refusal = refusalOf(job, tally);
  if (refusal) return failed(tally, refusal.code, refusal.message);
  return finalize(job, input, tally, pieces, work.shape.kind);
}

function refusalOf(job: JobDefinition, { counts }: Tally): { code: ErrorCode; message: string } | undefined {
  const { items, batches } = counts;
  if (job.partial === 'forbid' && items.failed > 0) {
    return {
      code: 'PARTIAL_FORBIDDEN',
      message: `${items.failed} of ${items.total} items failed, and the job allows no partial result`,
    };
  }
  if (batches.total > 0 && batches.completed === 0) {
    return { code: 'ALL_FAILED', message: `All ${batches.total} batches failed` };
  }
  return undefined;
}

async function finalize(
  job: JobDefinition,
  input: unknown,
  tally: Tally,
  pieces: readonly EndedPiece[],
  kind: 'each' | 'chunk',
): Promise<Outcome<unknown>> {
  let combined: unknown;
  try {
    combined = combineAll(job, pieces, kind);
  } catch (thrown) {
    return failed(tally, 'COMBINE_FAILED', `combine of job ${job.name} threw`, thrown);
  }
  const context: FinalizeContext<unknown> = {
    input,
    combined,
    outputs: allOutputs(pieces, kind),
    ...tally,
    finalizeId: sequentialFinalizeId,
    signal: new AbortController().signal,
  };
  try {
    const result = job.finalize ? await job.finalize(context) : combined;
    // The way a recorded result takes: what can't be stored is refused here, too.
    const stored = result === undefined ? undefined : decode(encode(result, `result of ${job.name}`));
    return { status: 'completed', sessionId: sequentialSessionId, ...tally, finalizeId: sequentialFinalizeId, result: stored };
  } catch (thrown) {
    return failed(tally, 'FINALIZE_FAILED', `finalize of job ${job.name} failed`, thrown);
  }
}

function combineAll(job: JobDefinition, pieces: readonly EndedPiece[], kind: 'each' | 'chunk'): unknown {
  const { combine } = job;
  if (!combine) return undefined;
  let combined: { readonly value: unknown } | undefined;
  for (const value of valuesToCombine(job, pieces, kind)) {
    combined = { value: combined ? combine(combined.value, value) : value };
  }
  return combined?.value;
}

function allOutputs(pieces: readonly EndedPiece[], kind: 'each' | 'chunk'): AsyncIterable<unknown> {
  return {
    async *[Symbol.asyncIterator]() {
      for (const piece of pieces) yield* outputsOf(piece, kind);
    },
  };
}

function failed(tally: Tally, code: ErrorCode, what: string, thrown?: unknown): Outcome<unknown> {
  const cause = thrown === undefined ? undefined : errorInfo(thrown);
  const error: ErrorInfo = {
    ...(cause ?? { name: 'SessionError', category: 'error' }),
    message: cause ? `${what}: ${cause.message}` : `${what}.`,
    code,
    ...(cause && { cause }),
  };
  return { status: 'failed', sessionId: sequentialSessionId, ...tally, finalizeId: undefined, error };
}
