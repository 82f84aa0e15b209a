import { decode, encode, hashOf, type Payload } from '../../model/codec.ts';
import { errorInfo, messageOf } from '../../model/error-info.ts';
import { MillraceError } from '../../model/errors.ts';
import type { SessionId } from '../../model/ids.ts';
import { isInstance } from '../../model/is-instance.ts';
import { isEndedSession } from '../../model/moves.ts';
import type { NewSession, SessionRecord } from '../../model/records.ts';
import type { TickFence, TickInput, TickOutcome } from '../../model/schedules.ts';
import { resolvePolicies } from '../api/options.ts';
import type { Session } from '../api/session.ts';
import { newSession } from '../session/new-session.ts';
import { replaceSession, setGoing } from '../start/start.ts';
import type { Registered, ScheduleParts } from './registered.ts';

/** What became of an input. `fenced`: the tick is another host's by now, or its schedule was removed. */
export type Started =
  | {
      readonly type: 'decided';
      readonly key: string;
      readonly outcome: TickOutcome;
      readonly sessionId: SessionId | null;
      readonly session?: Session<unknown, unknown>;
    }
  | { readonly type: 'fenced' };

/**
 * Starts the session of one input, unless the tick has dealt with its key before. Where one of the key is live, it is resumed if no
 * living host has it; else the input is left out, or waits.
 */
export async function startInput(parts: ScheduleParts, schedule: Registered, fence: TickFence, input: unknown): Promise<Started> {
  const { host, coordinator, closed } = parts;
  const { store, persist } = host.ports;
  await coordinator.preflight(schedule.job, resolvePolicies(schedule.job, {}));
  await host.registered();
  const fresh = await sessionOf(parts, schedule, fence, input);
  const { key, id } = fresh;
  host.arriving.add(id);
  try {
    for (;;) {
      closed.throwIfAborted();
      const answer = await persist(() => store.createTickSession({ ...fence, session: fresh }));
      if (answer.type === 'fenced') return answer;
      if (answer.type === 'decided') return await startedBefore(parts, schedule, answer.input);
      if (answer.type === 'created') {
        await setGoing(parts, answer.session, schedule.job);
        return { type: 'decided', key, outcome: 'started', sessionId: id, session: handleOn(parts, schedule, answer.session) };
      }
      const behind = await comeBehind(parts, schedule, fence, answer.session, fresh.input);
      if (behind) return behind;
    }
  } finally {
    host.arriving.delete(id);
  }
}

/** The session as any start would record it, with the tick among its facts, and a key in any case: without one nothing would overlap. */
async function sessionOf(
  { host }: ScheduleParts,
  { job }: Registered,
  { schedule, at }: TickFence,
  input: unknown,
): Promise<NewSession> {
  const key = job.key ? {} : { key: `${schedule}:${hashOf(encode(input === undefined ? null : input)).slice(0, 16)}` };
  const fresh = await newSession(job, input, key, host.ports);
  const metadata = fresh.metadata === null ? {} : (decode(fresh.metadata) as object);
  return { ...fresh, metadata: encode({ ...metadata, schedule, tick: new Date(at).toISOString() }) };
}

/** By this tick, in an earlier try: a host that died may have left the session without one. */
async function startedBefore(
  parts: ScheduleParts,
  schedule: Registered,
  { key, outcome, sessionId }: TickInput,
): Promise<Started> {
  const { store, persist, logger } = parts.host.ports;
  const record = sessionId && (await persist(() => store.getSession(sessionId)));
  const decided = { type: 'decided', key, outcome, sessionId } as const;
  if (!record || (outcome !== 'started' && outcome !== 'resumed')) return decided;
  if (!isEndedSession(record.state)) {
    await parts.resumer.resumeOne(record, schedule.job).catch((thrown: unknown) => {
      parts.closed.throwIfAborted();
      logger.warn(
        { schedule: schedule.given.name, session: sessionId, error: messageOf(thrown) },
        'session of a tick not resumed',
      );
    });
  }
  return { ...decided, session: handleOn(parts, schedule, record) };
}

/** Undefined: the live session is live no longer, so the start is to be tried again. */
async function comeBehind(
  parts: ScheduleParts,
  schedule: Registered,
  fence: TickFence,
  live: SessionRecord,
  input: Payload,
): Promise<Started | undefined> {
  const { store, persist } = parts.host.ports;
  const { overlap } = schedule.given;
  const resumed = await resumeOrReplace(parts, schedule, live);
  const now = await persist(() => store.getSession(live.id));
  if (!now || isEndedSession(now.state)) return undefined;
  const outcome = overlap === 'queue' ? 'queued' : resumed ? 'resumed' : 'skipped';
  const { key, id: sessionId } = live;
  const noted = await persist(() =>
    store.noteTickInput({ ...fence, key, outcome, sessionId, ...(outcome === 'queued' && { input }) }),
  );
  if (!noted) return { type: 'fenced' };
  return { type: 'decided', key, outcome, sessionId, ...(resumed && { session: resumed }) };
}

/**
 * Resumes a live session that no living host has. One that can't go on, since its input or job is not what it was, would be in the
 * way for ever: it is cancelled.
 */
async function resumeOrReplace(
  parts: ScheduleParts,
  { given, job }: Registered,
  live: SessionRecord,
): Promise<Session<unknown, unknown> | undefined> {
  if (parts.host.live.has(live.id)) return undefined;
  try {
    return await parts.resumer.resumeOne(live, job);
  } catch (thrown) {
    if (!isChanged(thrown)) throw thrown;
    const { logger } = parts.host.ports;
    logger.warn({ schedule: given.name, session: live.id, error: errorInfo(thrown).message }, 'session left behind is replaced');
    await replaceSession(parts, job, live, `replaced by a tick of schedule ${given.name}: ${errorInfo(thrown).message}`);
    return undefined;
  }
}

function isChanged(thrown: unknown): boolean {
  return isInstance(thrown, MillraceError) && (thrown.code === 'INPUT_CHANGED' || thrown.code === 'JOB_CHANGED');
}

function handleOn({ coordinator }: ScheduleParts, { job }: Registered, record: SessionRecord): Session<unknown, unknown> {
  return coordinator.handle(record, job, false);
}
