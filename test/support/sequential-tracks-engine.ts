import { decode, encode } from '../../src/model/codec.ts';
import { errorInfo } from '../../src/model/error-info.ts';
import { type ErrorInfo, type MillraceError, SessionError } from '../../src/model/errors.ts';
import type { FinalizeContext, Job, JobDefinition } from '../../src/model/job.ts';
import { silentLogger } from '../../src/model/logger.ts';
import type { Counts, DeadLetter, Outcome } from '../../src/model/outcome.ts';
import type { AnyWorkDefinition, ChunkContext } from '../../src/model/work.ts';
import type { WorkloadEngine, WorkloadSession } from '../../src/workloads/engine-part.ts';

/** How outputs are combined: from the left, or in pairs as the engine does. Under the Law both are the same. */
export type Combining = 'fold' | 'pairs';

/** Runs jobs with slices one after another in this thread. All that would be stored passes the codec. */
export function sequentialEngine(combining: Combining = 'pairs'): WorkloadEngine & { readonly started: string[] } {
  const started: string[] = [];
  return {
    started,
    store: { supports: { durable: true } },
    find: async () => undefined,
    async start<Input, Result, Output>(job: Job<Input, Result, Output>, input: NoInfer<Input>) {
      started.push(job.name);
      return sessionOf(await runJob<Result, Output>(job.definition, stored(input), combining));
    },
  };
}

interface Ended<Result, Output> {
  readonly result?: Result;
  readonly error?: ErrorInfo;
  readonly outputs: readonly Output[];
}

async function runJob<Result, Output>(job: JobDefinition, input: unknown, combining: Combining): Promise<Ended<Result, Output>> {
  const outputs: Output[] = [];
  try {
    const work = await loadWork(job);
    const settings = stored(typeof job.settings === 'function' ? await job.settings(input) : job.settings);
    await job.fingerprint?.(input);
    const signal = new AbortController().signal;
    const resource = await work.setup?.({ settings, signal, log: silentLogger });
    for await (const slice of slicesOf(job)(input, { signal })) {
      const chunk = { items: [], overlap: { before: [], after: [] }, slice: stored(slice), index: outputs.length };
      outputs.push(stored((await work.chunk?.(chunk, contextOf(settings, resource))) as Output));
    }
    const combined = job.combine ? combine(outputs, job.combine, combining) : undefined;
    const context = {
      input,
      combined,
      outputs: { [Symbol.asyncIterator]: () => each(outputs) },
      failures: [],
      counters: {},
      finalizeId: '1',
      signal,
    };
    const result = await job.finalize?.({ ...context, counts: countsOf(outputs.length) } as unknown as FinalizeContext<unknown>);
    return { result: stored(result) as Result, outputs };
  } catch (thrown) {
    return { error: errorInfo(thrown), outputs };
  }
}

function slicesOf({ name, slices }: JobDefinition): NonNullable<JobDefinition['slices']> {
  if (!slices) throw new Error(`Job ${name} has no slices.`);
  return slices;
}

async function loadWork({ work }: JobDefinition): Promise<AnyWorkDefinition> {
  if (work.type !== 'module') return work.work;
  const { default: loaded } = (await import(work.url)) as { default: { source: { work: AnyWorkDefinition } } };
  return loaded.source.work;
}

function contextOf(settings: unknown, resource: unknown): ChunkContext<unknown, unknown> {
  return { settings, resource, progress() {}, count() {} } as unknown as ChunkContext<unknown, unknown>;
}

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

function stored<T>(value: T): T {
  return decode(encode(value, 'test')) as T;
}

function combine<T>(values: readonly T[], join: (left: unknown, right: unknown) => unknown, how: Combining): T | undefined {
  if (values.length < 2) return values[0];
  const middle = how === 'fold' ? values.length - 1 : Math.ceil(values.length / 2);
  return join(combine(values.slice(0, middle), join, how), combine(values.slice(middle), join, how)) as T;
}

function countsOf(total: number): Counts {
  return {
    items: { total, completed: total, failed: 0, cancelled: 0 },
    batches: { total, pending: 0, running: 0, completed: total, failed: 0, crashed: 0, cancelled: 0 },
  };
}

function sessionOf<Result, Output>({ result, error, outputs }: Ended<Result, Output>): WorkloadSession<Result, Output> {
  const base = { sessionId: 's1', counts: countsOf(outputs.length), failures: [], counters: {}, finalizeId: '1' };
  const outcome = error
    ? { ...base, status: 'failed' as const, error }
    : { ...base, status: 'completed' as const, result: result as Result };
  return {
    id: 's1',
    state: async () => ({ status: outcome.status, metadata: {}, startedAt: null, endedAt: null }),
    outcome: async () => outcome as unknown as Outcome<Result>,
    async result() {
      if (error) throw new SessionError((error.code ?? 'SESSION_FAILED') as MillraceError['code'], 's1', error);
      return result as Result;
    },
    outputs: () => each(outputs),
    deadLetters: () => each<DeadLetter>([]),
  };
}
