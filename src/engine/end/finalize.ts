import { copyPayload, decode, encode, type Payload } from '../../model/codec.ts';
import { errorInfo, messageOf } from '../../model/error-info.ts';
import type { ErrorInfo } from '../../model/errors.ts';
import type { FinalizeContext } from '../../model/job.ts';
import type { SessionRecord } from '../../model/records.ts';
import type { LiveSession } from '../live/live-session.ts';
import { finalizeIdOf, moveSession } from '../live/move.ts';
import { outputsOf, readOutputs } from '../live/outputs.ts';
import { ownCopy } from '../ports/own-copy.ts';
import { backoffMs } from '../run/retry.ts';
import { judge } from '../run/verdict.ts';
import { undo, wasFinalizedBefore } from './undo.ts';

/** Combines what is left, calls the job's finalize, and records the result: all three count only with that last write. */
export async function finalize(session: LiveSession): Promise<SessionRecord | undefined> {
  let combined: unknown;
  try {
    combined = await session.combiner?.finish(session.position.chunks);
  } catch (thrown) {
    return isLeaving(session) ? undefined : failed(session, errorInfo(thrown), 'COMBINE_FAILED');
  }
  // Tries that threw, in this host: one that ended with its host, or was asked to stop, is nobody's failure.
  let thrown = 0;
  for (let input: unknown = session.input; ; input = decode(copyPayload(session.recorded.input))) {
    const tries = await session.ports.persist(() => session.ports.store.countFinalizeTry(session.id, session.epoch));
    if (tries === undefined) return undefined;
    const made = await makeResult(session, input, combined);
    if ('result' in made) return moveSession(session, { type: 'FINALIZED' }, made);
    if (!isStopped(session)) {
      const { retryable, error } = judge(session.job, made.error);
      thrown++;
      if (thrown >= session.policies.attempts || !retryable) return failed(session, error, 'FINALIZE_FAILED');
      await pause(session, backoffMs(session.policies.backoff, thrown, error, session.ports.random()));
    }
    if (isStopped(session)) return isLeaving(session) ? undefined : cancelled(session);
  }
}

type Made = { result: Payload | null } | { error: ErrorInfo };

async function makeResult(session: LiveSession, input: unknown, combined: unknown): Promise<Made> {
  try {
    const result = await callFinalize(session, input, combined);
    return { result: result === undefined ? null : encode(result, `result of ${session.job.name}`) };
  } catch (thrown) {
    return { error: errorInfo(thrown) };
  }
}

function isStopped({ abort }: LiveSession): boolean {
  return abort.signal.aborted;
}

/** This host lets go of the session: whoever resumes it finalizes. */
function isLeaving({ stop }: LiveSession): boolean {
  return stop?.type === 'leave';
}

/** What is handed over is the callback's own: a second try gets what the first one got, whatever that did with it. */
async function callFinalize(session: LiveSession, input: unknown, combined: unknown): Promise<unknown> {
  const { job, ports } = session;
  if (!job.finalize) return combined;
  const context: FinalizeContext<unknown> = {
    input: input as never,
    combined: ownCopy(combined),
    outputs: allOutputs(session),
    failures: await ports.persist(() => ports.store.groupFailures(session.id, 20)),
    counts: session.counts,
    counters: session.counters,
    finalizeId: finalizeIdOf(session),
    signal: session.abort.signal,
    ...(session.recorded.result !== null && {
      previous: {
        finalizeId: finalizeIdOf({ ...session, generation: session.recorded.resultGeneration ?? session.generation - 1 }),
        result: decode(copyPayload(session.recorded.result)),
      },
    }),
  };
  // Reading all this may have taken long: meanwhile it may have been cancelled, or be another host's.
  session.abort.signal.throwIfAborted();
  return await job.finalize(context);
}

/** Outputs can be read more than once: each loop begins again. */
function allOutputs({ ports, id, kind, position }: LiveSession): AsyncIterable<unknown> {
  return {
    async *[Symbol.asyncIterator]() {
      for await (const { values } of readOutputs(outputsOf(ports), id, kind, 0, position.chunks - 1)) yield* values;
    },
  };
}

async function failed(
  session: LiveSession,
  cause: ErrorInfo,
  code: 'COMBINE_FAILED' | 'FINALIZE_FAILED',
): Promise<SessionRecord | undefined> {
  const message = `finalize of job ${session.job.name} failed: ${cause.message}`;
  // What `combine` threw was named where it was called.
  if (code === 'COMBINE_FAILED') {
    if (wasFinalizedBefore(session)) await undo(session);
    return moveSession(session, { type: 'FAIL' }, { error: { ...cause, code } });
  }
  await undo(session);
  const error = { ...cause, message, code, cause };
  return moveSession(session, { type: 'FAIL' }, { error });
}

async function cancelled(session: LiveSession): Promise<SessionRecord | undefined> {
  await undo(session);
  const { reason } = session.abort.signal as { reason: unknown };
  const message = messageOf(reason);
  return moveSession(
    session,
    { type: 'CANCEL' },
    { error: { name: 'SessionError', message, category: 'error', code: 'SESSION_CANCELLED' } },
  );
}

function pause(session: LiveSession, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const { signal } = session.abort;
    const goOn = (): void => {
      cancel();
      signal.removeEventListener('abort', goOn);
      resolve();
    };
    const cancel = session.ports.clock.after(ms, goOn);
    signal.addEventListener('abort', goOn, { once: true });
  });
}
