import { errorInfo } from '../../../model/error-info.ts';
import type { Group, GroupReport, Recycle, RunHooks } from '../../../model/executor.ts';
import { encodeFrame } from '../../worker/frames.ts';
import { runClonable } from '../run-clonable.ts';
import type { Crew } from './crew.ts';
import { type Dispatched, dispatchToChild } from './dispatch-to-child.ts';
import { processEnd } from './process-end.ts';

/** Children that may die before they begin, one after another, until a group is called lost. */
const maxStarts = 3;

/** Runs a group in a child of the crew, or in a fresh one. */
export async function runInChild(crew: Crew, group: Group, hooks: RunHooks, recycle?: Recycle): Promise<GroupReport> {
  let why: unknown;
  for (let start = 1; start <= maxStarts; start++) {
    try {
      const dispatched = await inOneChild(crew, group, hooks, recycle);
      if (dispatched.type === 'ended') return dispatched.report;
      why = new Error(processEnd(dispatched.end).message);
    } catch (thrown) {
      const report = await runClonable(group, hooks, encodeFrame, (left, own) => runInChild(crew, left, own, recycle));
      if (report) return report;
      why = thrown;
    }
  }
  const error = errorInfo(new Error(`${maxStarts} workers died before they began.`, { cause: why }), 'lost');
  return { replies: [], death: { category: 'lost', error } };
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
