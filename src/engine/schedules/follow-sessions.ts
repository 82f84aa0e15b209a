import type { SessionId } from '../../model/ids.ts';
import { isEndedSession } from '../../model/moves.ts';
import { isOrphaned } from '../ports/orphan.ts';
import type { ScheduleParts } from './registered.ts';

/** Knows whether sessions run that something waits for, and tells when those of this host have ended. */
export interface Follower {
  /** Whether a living host has it. One of this host's is followed from then on. */
  isRunning(id: SessionId | null): Promise<boolean>;
}

/** @param onEnd - Called when a followed session has ended here. Those of other hosts are asked for again at each beat. */
export function createFollower({ host }: ScheduleParts, onEnd: () => void): Follower {
  const { store, persist } = host.ports;
  const followed = new WeakSet<object>();
  return {
    async isRunning(id) {
      if (id === null) return false;
      const here = host.live.get(id);
      if (here && !here.over) {
        if (!followed.has(here)) here.ended.promise.then(onEnd, onEnd);
        followed.add(here);
        return true;
      }
      const record = await persist(() => store.getSession(id));
      return record !== undefined && !isEndedSession(record.state) && !(await persist(() => isOrphaned(store, id)));
    },
  };
}

const page = 500;

/** Whether a session of the schedule's newest tick runs. */
export async function isNewestTickLive({ host }: ScheduleParts, schedule: string, follower: Follower): Promise<boolean> {
  const { store, persist } = host.ports;
  const [newest] = await persist(() => store.listTicks({ schedule, limit: 1 }));
  for (let after = 0; newest; after += page) {
    const inputs = await persist(() => store.listTickInputs({ schedule, at: newest.at, after, limit: page }));
    for (const { sessionId } of inputs) if (await follower.isRunning(sessionId)) return true;
    if (inputs.length < page) break;
  }
  return false;
}
