import { copyPayload, decode } from '../../model/codec.ts';
import { errorInfo } from '../../model/error-info.ts';
import type { TickInput } from '../../model/schedules.ts';
import type { Follower } from './follow-sessions.ts';
import type { Registered, ScheduleParts } from './registered.ts';
import { noteFailed, tellOf } from './run-tick.ts';
import { startInput } from './start-input.ts';

const page = 100;

/** Starts inputs that wait, as soon as the sessions before them have ended, or have no living host any more. */
export async function startWaiting(parts: ScheduleParts, schedule: Registered, follower: Follower): Promise<void> {
  const { store, persist } = parts.host.ports;
  const filter = { schedule: schedule.given.name, outcome: 'queued', limit: page } as const;
  for (let after = 0; ; ) {
    const waiting = await persist(() => store.listTickInputs({ ...filter, after }));
    // What is started leaves the list; what waits on stays in it.
    for (const input of waiting) {
      const stays = (await follower.isRunning(input.sessionId)) || !(await start(parts, schedule, input));
      if (stays) after++;
    }
    if (waiting.length < page) return;
  }
}

/** @returns Whether it waits no longer. */
async function start(parts: ScheduleParts, schedule: Registered, waiting: TickInput): Promise<boolean> {
  const fence = { schedule: schedule.given.name, at: waiting.at, owner: parts.host.ports.owner() };
  try {
    const started = await startInput(parts, schedule, fence, waiting.input && decode(copyPayload(waiting.input)));
    if (started.type === 'fenced') return true;
    if (started.outcome === 'queued') return false;
    tellOf(parts, schedule, fence, started);
  } catch (thrown) {
    parts.closed.throwIfAborted();
    const failed = await noteFailed(parts, fence, waiting.key, errorInfo(thrown));
    if (failed.type === 'decided') tellOf(parts, schedule, fence, failed);
  }
  return true;
}
