import type { Group, GroupReport, Recycle, RunHooks } from '../../../model/executor.ts';
import { createFrameReader, encodeFrame } from '../../worker/frames.ts';
import { runClonable } from '../run-clonable.ts';
import { startAgain } from '../start-again.ts';
import type { Crew } from './crew.ts';
import { type Dispatched, dispatchToChild } from './dispatch-to-child.ts';
import { processEnd } from './process-end.ts';

/** Runs a group in a child of the crew, or in a fresh one. */
export async function runInChild(crew: Crew, group: Group, hooks: RunHooks, recycle?: Recycle): Promise<GroupReport> {
  return startAgain(hooks.signal, async () => {
    const ended = await begun(crew, group, hooks, recycle);
    if ('replies' in ended) return ended;
    const report = await runClonable(group, hooks, sendThere, (left, own) => runInChild(crew, left, own, recycle));
    return report ?? ended;
  });
}

async function begun(
  crew: Crew,
  group: Group,
  hooks: RunHooks,
  recycle?: Recycle,
): Promise<GroupReport | { readonly thrown: unknown }> {
  try {
    const dispatched = await inOneChild(crew, group, hooks, recycle);
    return dispatched.type === 'ended' ? dispatched.report : { thrown: new Error(processEnd(dispatched.end).message) };
  } catch (thrown) {
    return { thrown };
  }
}

/**
 * Does with a value what its way to a child does, and throws where that fails. Some values can be written and not read: an error
 * that is its own cause ends each child that it is sent to.
 */
function sendThere(value: unknown): void {
  let isRead = false;
  const noteRead = (): void => {
    isRead = true;
  };
  const ignore = (): void => undefined;
  const read = createFrameReader({ onValue: noteRead, onGarbled: ignore, onBroken: ignore });
  for (const part of encodeFrame(value)) read(part);
  if (!isRead) throw new Error('It can be written for a worker process, but not read there.');
}

async function inOneChild(crew: Crew, group: Group, hooks: RunHooks, recycle?: Recycle): Promise<Dispatched> {
  const child = await crew.take(group.fresh === true);
  try {
    return await dispatchToChild(child, group, hooks, recycle);
  } finally {
    if (group.fresh) await crew.dismiss(child);
    else crew.give(child);
  }
}
