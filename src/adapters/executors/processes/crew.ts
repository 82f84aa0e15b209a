import { errorInfo } from '../../../model/error-info.ts';
import type { Logger } from '../../../model/logger.ts';
import { askOnce } from './ask-once.ts';
import { type Child, type ChildCommand, startChild } from './child.ts';
import { processEnd } from './process-end.ts';

/** The children of an executor: started when they are needed, and kept. */
export interface Crew {
  /** Gives a child that waits for work, or a new one. `fresh`: one that has run nothing. */
  take(fresh: boolean): Promise<Child>;
  /** Takes a child back. It is kept for the next group, unless it is gone. */
  give(child: Child): void;
  /** Ends a child in order: its teardowns first. */
  dismiss(child: Child): Promise<void>;
  /** Dismisses all that wait. */
  close(): Promise<void>;
}

/** How long all teardowns of a child together may take. */
const teardownMs = 2_000;

/** @param log - Where to say what befalls a child that has no group: at that moment. */
export function createCrew(command: ChildCommand, log: () => Logger): Crew {
  const idle = new Set<Child>();
  const alive = new Set<Child>();

  const start = async (): Promise<Child> => {
    const child = await startChild(command);
    alive.add(child);
    void child.ended.then((end) => {
      alive.delete(child);
      if (!idle.delete(child)) return;
      log().error({ error: errorInfo(new Error(processEnd(end).message)) }, 'a worker died without a group in hand');
    });
    return child;
  };

  const dismiss = async (child: Child): Promise<void> => {
    idle.delete(child);
    child.hold(true);
    const told = await askOnce(child, { type: 'teardown' }, teardownMs);
    for (const error of told?.type === 'torn-down' ? told.errors : []) log().error({ error }, 'a teardown failed');
    if (told === undefined && !child.isGone) log().error({ pid: child.pid }, 'a teardown did not end');
    child.kill();
    await child.ended;
  };

  return {
    async take(fresh) {
      const [waiting] = fresh ? [] : idle;
      if (!waiting) return start();
      idle.delete(waiting);
      waiting.hold(true);
      return waiting;
    },
    give(child) {
      if (child.isGone) return;
      idle.add(child);
      // A host with nothing to do may end; its children end with it.
      child.hold(false);
    },
    dismiss,
    async close() {
      await Promise.all([...idle].map(dismiss));
      await Promise.all([...alive].map((child) => child.ended));
    },
  };
}
