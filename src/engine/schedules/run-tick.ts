import { errorInfo } from '../../model/error-info.ts';
import type { ErrorInfo } from '../../model/errors.ts';
import type { SessionId } from '../../model/ids.ts';
import type { TickFence, TickOutcome, TickRecord } from '../../model/schedules.ts';
import type { Session } from '../api/session.ts';
import { createFewAtOnce } from './few-at-once.ts';
import { emit, type Registered, type ScheduleParts } from './registered.ts';
import { type Started, startInput } from './start-input.ts';

/** Starts what a tick that this host has taken is to start, and ends the tick. What was started goes on by itself. */
export async function runTick(
  parts: ScheduleParts,
  schedule: Registered,
  tick: TickRecord,
): Promise<readonly Session<unknown, unknown>[]> {
  const { at, owner, missed, takes } = tick;
  const { name, job } = schedule.given;
  parts.host.ports.logger.info({ schedule: name, tick: new Date(at).toISOString(), missed }, 'tick taken');
  emit({ type: 'tick.taken', schedule: name, job, at, missed, takes });
  const sessions: Session<unknown, unknown>[] = [];
  const fence = { schedule: name, at, owner };
  try {
    const isWhole = await startAll(parts, schedule, { ...fence, missed }, sessions);
    if (isWhole) await endTick(parts, schedule, fence, 'done');
  } catch (thrown) {
    // Handed on as it is: the next host goes on with it.
    parts.closed.throwIfAborted();
    await endTick(parts, schedule, fence, 'failed', errorInfo(thrown));
  }
  return sessions;
}

/** @returns False when the tick is another host's by now. @throws What the schedule's inputs throw. */
async function startAll(
  parts: ScheduleParts,
  schedule: Registered,
  { missed, ...fence }: TickFence & { missed: number },
  sessions: Session<unknown, unknown>[],
): Promise<boolean> {
  const { closed } = parts;
  const seen = new Set<string>();
  const few = createFewAtOnce(parts);
  let count = 0;
  for await (const input of await schedule.inputs({ at: fence.at, missed, signal: closed })) {
    await few.room();
    closed.throwIfAborted();
    count++;
    const started = await startOne(parts, schedule, fence, input, count);
    if (started.type === 'fenced') return false;
    few.add(started.sessionId);
    if (started.session) sessions.push(started.session);
    if (seen.has(started.key)) {
      const facts = { schedule: fence.schedule, key: started.key };
      parts.host.ports.logger.warn(facts, 'two inputs of a tick have one key; the second is left out');
    } else tellOf(parts, schedule, fence, started);
    seen.add(started.key);
  }
  return true;
}

/** One input that can't be started keeps no other from it. */
async function startOne(
  parts: ScheduleParts,
  schedule: Registered,
  fence: TickFence,
  input: unknown,
  count: number,
): Promise<Started & { readonly error?: ErrorInfo }> {
  try {
    return await startInput(parts, schedule, fence, input);
  } catch (thrown) {
    parts.closed.throwIfAborted();
    return noteFailed(parts, fence, keyOf(schedule, input) ?? `input ${count}`, errorInfo(thrown));
  }
}

/** Notes an input that can't be started. */
export async function noteFailed(
  { host: { ports } }: ScheduleParts,
  fence: TickFence,
  key: string,
  error: ErrorInfo,
): Promise<Started & { readonly error?: ErrorInfo }> {
  const { store, persist } = ports;
  const noted = await persist(() => store.noteTickInput({ ...fence, key, outcome: 'failed', sessionId: null, error }));
  return noted ? { type: 'decided', key, outcome: 'failed', sessionId: null, error } : { type: 'fenced' };
}

function keyOf({ job }: Registered, input: unknown): string | undefined {
  try {
    const key: unknown = job.key?.(input);
    return typeof key === 'string' && key !== '' ? key : undefined;
  } catch {
    // It is what failed: the input is told by its place.
    return undefined;
  }
}

const words = {
  started: 'session started by a tick',
  resumed: 'session that no host had is resumed by a tick',
  skipped: 'input left out by a tick: a session of its key is live',
  queued: 'input waits until the session of its key has ended',
  failed: 'session of a tick could not be started',
} as const satisfies Record<TickOutcome, string>;

/** Says what became of an input. */
export function tellOf(
  { host: { ports } }: ScheduleParts,
  { given }: Registered,
  { at }: Pick<TickFence, 'at'>,
  decided: {
    readonly key: string;
    readonly outcome: TickOutcome;
    readonly sessionId: SessionId | null;
    readonly error?: ErrorInfo;
  },
): void {
  const { key, outcome, sessionId, error } = decided;
  const facts = { schedule: given.name, tick: new Date(at).toISOString(), key, session: sessionId };
  if (error) ports.logger.error({ ...facts, error: error.message }, words[outcome]);
  else ports.logger.info(facts, words[outcome]);
  emit({ type: 'tick.input', schedule: given.name, job: given.job, at, key, outcome, sessionId, ...(error && { error }) });
}

/** Ends a tick. Nothing is changed when another host has it. */
export async function endTick(
  { host: { ports } }: ScheduleParts,
  { given }: Registered,
  fence: TickFence,
  state: 'done' | 'missed' | 'failed',
  error?: ErrorInfo,
): Promise<void> {
  const { store, persist, logger } = ports;
  if (!(await persist(() => store.endTick({ ...fence, state, ...(error && { error }) })))) return;
  const facts = { schedule: given.name, tick: new Date(fence.at).toISOString() };
  if (error) logger.error({ ...facts, error: error.message }, 'inputs of a tick could not be read');
  if (state === 'missed') logger.warn(facts, 'tick missed: nobody took it in time, and the schedule does not catch up');
  emit({ type: 'tick.ended', schedule: given.name, job: given.job, at: fence.at, state, ...(error && { error }) });
}
