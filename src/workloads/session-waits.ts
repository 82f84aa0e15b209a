import { setTimeout as delay } from 'node:timers/promises';
import type { Job } from '../model/job.ts';
import type { LastingEngine, WorkloadSession } from './engine-part.ts';

type AnySession = WorkloadSession<unknown, unknown>;

/** Sessions of one job that a call waits for, whichever hosts run them. */
export interface SessionWaits {
  add(session: AnySession): void;
  /** Adds every live one of the store, whoever runs it, or ran it and died. */
  addLive(): Promise<void>;
  /** Resolves when those that were added have ended, or some time after the signal. @throws What keeps one from being taken on. */
  quiet(): Promise<void>;
}

/** How long running work may go on after the signal. */
const graceMs = 20_000;
/** How often it is looked whether the host of a session has died. */
const lookEveryMs = 1_000;

/** @param onSession - Called with each session that is waited for. */
export function createWaits<Input, Result, Output>(
  engine: LastingEngine,
  job: Job<Input, Result, Output>,
  signal: AbortSignal,
  onSession: (session: AnySession) => void,
): SessionWaits {
  const running = new Map<string, Promise<void>>();
  let failure: { readonly thrown: unknown } | undefined;
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const graceIsOver = aborted.then(() => delay(graceMs, undefined, { ref: false }));

  /** Only a host that lives ends a session: one that another host left is taken on here. */
  const untilEnded = async (session: AnySession): Promise<void> => {
    const ended = session.outcome().then(() => true);
    // It may fail while nobody waits for it here: then the next wait does.
    ended.catch(() => undefined);
    for (;;) {
      const { refused } = await engine.resume({ id: session.id });
      if (refused[0]) throw refused[0].error;
      if (await Promise.race([ended, delay(lookEveryMs, false, { ref: false })])) return;
    }
  };
  const add = (session: AnySession): void => {
    if (running.has(session.id)) return;
    onSession(session);
    const ended = untilEnded(session).catch((thrown: unknown) => {
      failure ??= { thrown };
    });
    running.set(
      session.id,
      ended.finally(() => running.delete(session.id)),
    );
  };
  return {
    add,
    async addLive() {
      for await (const { id, status } of engine.sessions({ job: job.name })) {
        const isLive = status !== 'completed' && status !== 'failed' && status !== 'cancelled';
        const session = isLive ? await engine.find(job, { id }) : undefined;
        if (session) add(session);
      }
    },
    async quiet() {
      await Promise.race([Promise.all(running.values()), graceIsOver]);
      if (failure) throw failure.thrown;
    },
  };
}
