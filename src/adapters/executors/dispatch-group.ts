import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import type { Group, GroupReport, Recycle, RunHooks } from '../../model/executor.ts';
import { openNote } from '../worker/note.ts';
import { type GiveUp, packGroup, type Request } from '../worker/wire.ts';
import { type GroupProgress, openGroupProgress } from './group-progress.ts';
import { threadEnd } from './thread-end.ts';
import { watchLimits } from './watch-limits.ts';
import { whenGivenUp } from './when-given-up.ts';

/** How a dispatch ended. `unstarted`: the worker died before it began with the group, so it was none of the group's doing. */
export type Dispatched =
  | { readonly type: 'ended'; readonly report: GroupReport }
  | { readonly type: 'unstarted'; readonly thrown: unknown };

/** Runs one group in one worker of the pool, and answers for every way of ending. */
export async function dispatchGroup(pool: Piscina, group: Group, hooks: RunHooks, recycle?: Recycle): Promise<Dispatched> {
  const note = openNote();
  const { port1: port, port2 } = new MessageChannel();
  const progress = openGroupProgress(group, hooks);
  const kill = new AbortController();

  port.on('message', (message: unknown) => {
    progress.hear(message);
    progress.give();
    if (progress.retired) kill.abort();
  });
  port.unref();
  const stopWatching = watchLimits(note, group.limits, (passed, reading) => {
    progress.pass({ ...passed, note: reading });
    kill.abort();
  });
  const stopListening = whenGivenUp(hooks.signal, {
    tell: (reason) => port.postMessage({ type: 'give-up', reason } satisfies GiveUp),
    kill: () => kill.abort(),
  });
  // A thread that can't even start tells only the pool: its group would wait for ever.
  const onPoolError = (thrown: unknown): void => {
    if (!note.read().started) kill.abort(thrown);
  };
  pool.on('error', onPoolError);

  try {
    const job = { type: 'run', group: packGroup(group), note: note.memory, port: port2 } as const;
    const request: Request = recycle ? { ...job, recycle } : job;
    const answer = await settled(() => pool.run(request, { transferList: [port2], signal: kill.signal }));
    drain(port, progress);
    if (answer.type === 'answered') progress.take(answer.value);
    else if (!progress.retired && !note.read().started && !hooks.signal.aborted) {
      return { type: 'unstarted', thrown: kill.signal.reason ?? answer.thrown };
    }
    return { type: 'ended', report: progress.report(note, answer.type === 'died' ? threadEnd(answer.thrown) : undefined) };
  } finally {
    stopWatching();
    stopListening();
    pool.off('error', onPoolError);
    port.close();
  }
}

type Answer = { readonly type: 'answered'; readonly value: unknown } | { readonly type: 'died'; readonly thrown: unknown };

/** A pool throws at once when it can't even make a thread. */
async function settled(run: () => Promise<unknown>): Promise<Answer> {
  try {
    return { type: 'answered', value: await run() };
  } catch (thrown) {
    return { type: 'died', thrown };
  }
}

/** What a worker posted before it died is still there. */
function drain(port: MessagePort, progress: GroupProgress): void {
  for (let entry = receiveMessageOnPort(port); entry; entry = receiveMessageOnPort(port)) progress.hear(entry.message);
}
