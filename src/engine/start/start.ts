import { errorInfo, messageOf } from '../../model/error-info.ts';
import { DuplicateSessionError, describe, MillraceError } from '../../model/errors.ts';
import type { JobDefinition } from '../../model/job.ts';
import type { Logger } from '../../model/logger.ts';
import type { NewSession, SessionRecord } from '../../model/records.ts';
import { resolvePolicies, type StartOptions } from '../api/options.ts';
import type { Session } from '../api/session.ts';
import type { Host } from '../host/host.ts';
import { beginSession } from '../session/begin.ts';
import { newSession } from '../session/new-session.ts';
import type { Coordinator } from './coordinate.ts';
import type { Resumer } from './resume.ts';

/** What a start works with. */
export interface StartParts {
  readonly host: Host;
  readonly coordinator: Coordinator;
  readonly resumer: Resumer;
  /** Aborts when the engine is closed: nothing is recorded any more. */
  readonly closed: AbortSignal;
}

/**
 * Records a session and sets it going; or, where one of the same key is live, joins, replaces or refuses, as the job says.
 * A live session whose host died is resumed first: it is the same run, not another one.
 */
export async function startSession(
  parts: StartParts,
  job: JobDefinition,
  input: unknown,
  options: StartOptions,
): Promise<Session<unknown, unknown>> {
  const { host, coordinator } = parts;
  await coordinator.preflight(job, resolvePolicies(job, options));
  await host.registered();
  const fresh = await newSession(job, input, options, host.ports);
  host.arriving.add(fresh.id);
  try {
    return await record(parts, job, options, fresh);
  } finally {
    host.arriving.delete(fresh.id);
  }
}

async function record(
  parts: StartParts,
  job: JobDefinition,
  options: StartOptions,
  fresh: NewSession,
): Promise<Session<unknown, unknown>> {
  const { coordinator, host } = parts;
  const { store, persist } = host.ports;
  for (;;) {
    parts.closed.throwIfAborted();
    const { type, session } = await persist(() => store.createSession(fresh));
    // A write that failed half-way may have been done all the same: then the live one is ours.
    if (type === 'created' || session.id === fresh.id) {
      await setGoing(parts, session, job);
      return withSignal(coordinator.handle(session, job, true), options.signal, host.ports.logger);
    }
    const onDuplicate = options.onDuplicate ?? job.onDuplicate ?? 'join';
    if (onDuplicate === 'reject') throw new DuplicateSessionError(job.name, fresh.key, session.id);
    if (onDuplicate === 'join') {
      checkSameInput(session, fresh);
      return withSignal(await join(parts, job, session), options.signal, host.ports.logger);
    }
    await replaceSession(parts, job, session, 'replaced by a new session of the same key');
  }
}

/** Begins a session that was recorded here. */
export async function setGoing({ coordinator, resumer }: StartParts, session: SessionRecord, job: JobDefinition): Promise<void> {
  // A host that lost its lease meanwhile may have taken it on, as another one may have: then it has begun.
  if (session.epoch > 1) await resumer.resumeOne(session, job);
  else await coordinator.launch(session, job, beginSession);
}

async function join(parts: StartParts, job: JobDefinition, record: SessionRecord): Promise<Session<unknown, unknown>> {
  const resumed = await parts.resumer.resumeOne(record, job);
  return resumed ?? parts.coordinator.handle(record, job, false);
}

/** Whoever joins would get the result of the live session's input for its own. */
function checkSameInput(live: SessionRecord, fresh: NewSession): void {
  if (live.fingerprint === fresh.fingerprint) return;
  throw new MillraceError(
    'INPUT_CHANGED',
    `Job ${live.job} has a live session for the key ${describe(live.key)}, with another input: ${live.id}. ` +
      `Its input is ${live.fingerprint}, that of this start ${fresh.fingerprint}. ` +
      `Start under another key, or with onDuplicate: 'replace' to cancel the live one first.`,
  );
}

/** Ends the live session. One that a dead host left is taken on for that, and asked first: so nothing more of it is run. */
export async function replaceSession(
  { coordinator, resumer }: StartParts,
  job: JobDefinition,
  record: SessionRecord,
  reason: string,
): Promise<void> {
  await coordinator.handle(record, job, false).cancel(reason);
  await resumer.takeOnToEnd(record, job);
  await coordinator.handle(record, job, false).outcome();
}

/** Aborting the signal cancels the session. */
function withSignal(
  session: Session<unknown, unknown>,
  signal: AbortSignal | undefined,
  logger: Logger,
): Session<unknown, unknown> {
  if (!signal) return session;
  const cancel = (): void => {
    session.cancel(reasonOf(signal)).catch((thrown: unknown) => {
      logger.error({ session: session.id, error: errorInfo(thrown).message }, 'session could not be cancelled by its signal');
    });
  };
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  const forget = (): void => signal.removeEventListener('abort', cancel);
  session.outcome().then(forget, forget);
  return session;
}

function reasonOf({ reason }: AbortSignal): string {
  return messageOf(reason);
}
