import type { SessionId } from '../../model/ids.ts';
import type { LiveSession } from '../live/live-session.ts';
import type { ScheduleParts } from './registered.ts';

/** Sessions of one tick that a host has live at once: memory is not to grow with the number of inputs. */
export const mostAtOnce = 256;

/** Somebody may have held a session meanwhile, or gone on with it: then nothing ends that would tell. */
const lookAgainMs = 5_000;

/** Lets a tick start no more than so many sessions at once. */
export interface FewAtOnce {
  /** Counts a session, as long as it is live here. One that is held does not count. */
  add(id: SessionId | null): void;
  /** Resolves when there is room for another one, or the engine closes. */
  room(): Promise<void>;
}

export function createFewAtOnce({ host, closed }: ScheduleParts): FewAtOnce {
  const { clock } = host.ports;
  const live = new Set<LiveSession>();
  let onEnd = (): void => undefined;
  const isFull = (): boolean => [...live].filter(({ paused }) => !paused).length >= mostAtOnce;
  const wait = (): Promise<void> =>
    new Promise((resolve) => {
      const goOn = (): void => {
        cancel();
        closed.removeEventListener('abort', goOn);
        resolve();
      };
      const cancel = clock.after(lookAgainMs, goOn);
      closed.addEventListener('abort', goOn);
      onEnd = goOn;
    });
  return {
    add(id) {
      const session = id === null ? undefined : host.live.get(id);
      if (!session || session.over || live.has(session)) return;
      live.add(session);
      const gone = (): void => {
        live.delete(session);
        onEnd();
      };
      session.ended.promise.then(gone, gone);
    },
    async room() {
      while (live.size >= mostAtOnce && isFull() && !closed.aborted) await wait();
    },
  };
}
