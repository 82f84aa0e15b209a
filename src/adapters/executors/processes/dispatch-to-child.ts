import type { Group, GroupReport, Recycle, RunHooks } from '../../../model/executor.ts';
import type { ChildRequest } from '../../worker/process-wire.ts';
import { packGroup } from '../../worker/wire.ts';
import { type GroupProgress, openGroupProgress } from '../group-progress.ts';
import { watchLimits } from '../watch-limits.ts';
import { whenGivenUp } from '../when-given-up.ts';
import { newTicket } from './ask-once.ts';
import type { Child } from './child.ts';
import { type ChildEnd, processEnd } from './process-end.ts';

/** How a dispatch ended. `unstarted`: the child died before it began with the group, so it was none of the group's doing. */
export type Dispatched =
  | { readonly type: 'ended'; readonly report: GroupReport }
  | { readonly type: 'unstarted'; readonly end: ChildEnd };

/** Messages without sense that a child may send while it runs a group. Code that floods its host is ended. */
const maxNonsense = 1_000;

/**
 * Runs one group in a child that has none, and answers for every way of ending.
 *
 * @throws what the items' getters throw, or that they can't be cloned: nothing was sent then.
 */
export async function dispatchToChild(child: Child, group: Group, hooks: RunHooks, recycle?: Recycle): Promise<Dispatched> {
  const ticket = newTicket();
  const progress = openGroupProgress(group, hooks);
  const { note } = child;
  const request: ChildRequest = { type: 'run', ticket, group: packGroup(group), ...(recycle && { recycle }) };
  note.clear();
  const stopListening = whenGivenUp(hooks.signal, {
    tell: (reason) => child.ask({ type: 'give-up', reason }),
    kill: () => child.kill(),
  });
  let stopWatching = (): void => undefined;
  try {
    await child.ready;
    child.ask(request);
    stopWatching = watchLimits(note, group.limits, (passed, reading) => {
      progress.pass({ ...passed, note: reading });
      child.kill();
    });
    const end = await Promise.race([groupEnd(child, ticket, progress), child.ended]);
    if (end && !progress.retired && !note.read().started && !hooks.signal.aborted) return { type: 'unstarted', end };
    return { type: 'ended', report: progress.report(note, end && processEnd(end)) };
  } finally {
    stopWatching();
    stopListening();
    child.hear(undefined);
  }
}

/** Resolves when the child says that the group has ended. */
function groupEnd(child: Child, ticket: string, progress: GroupProgress): Promise<undefined> {
  let nonsense = 0;
  return new Promise((resolve) => {
    child.hear((told, telling) => {
      if (told === ticket && isEnded(telling)) return resolve(undefined);
      const isKnown = progress.hear(told === ticket ? telling : undefined);
      progress.give();
      if (!isKnown && ++nonsense >= maxNonsense)
        child.kill(`The worker sent ${maxNonsense} messages that make no sense; it was ended.`);
      if (progress.retired) child.kill();
    });
  });
}

function isEnded(telling: unknown): boolean {
  return (telling as { type?: unknown } | null | undefined)?.type === 'ended';
}
