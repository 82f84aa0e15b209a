import { checkWhole } from '../../model/check-option-names.ts';
import { errorInfo } from '../../model/error-info.ts';
import type { Executor, Group, GroupReport, RunHooks } from '../../model/executor.ts';
import { type Logger, silentLogger } from '../../model/logger.ts';
import { hasLimits } from '../worker/limits.ts';
import { loadWork, shapeOf } from '../worker/load-work.ts';
import { openNote } from '../worker/note.ts';
import { createResources, type Resources } from '../worker/resources.ts';
import { runGroup } from '../worker/run-group.ts';
import { closedError } from './closed-error.ts';
import { follow } from './follow.ts';
import { openGate } from './gate.ts';
import { givenUp } from './given-up.ts';
import { waitWithin } from './patience.ts';

/** Options of {@link inline}. */
export interface InlineOptions {
  /** Groups at once. They share one loop, so more than 1 pays only for work that waits. From 1 to 10,000. @default 1 */
  slots?: number;
}

/**
 * Runs groups on the host's own loop: for work in place, tests, and input too small for workers.
 *
 * Nothing here can be killed. A limit that is passed aborts the work's signal and fails its item or batch as `timeout` or
 * `stalled`, though its code may run on; code that blocks the loop holds up every limit. A rejection that the work does not
 * await reaches the host, as any other would.
 *
 * @throws InvalidOptionError when `slots` is not a whole number from 1 to 10,000.
 */
export function inline(options: InlineOptions = {}): Executor {
  const slots = options.slots ?? 1;
  checkWhole(slots, 'inline.slots', 1, 10_000);
  const gate = openGate(slots);
  const resources = createResources();
  const closing = new AbortController();
  let log: Logger = silentLogger;

  return {
    name: 'inline',
    slots,
    supports: { kill: false },
    async load(source) {
      if (closing.signal.aborted) throw closedError('inline');
      return shapeOf(await loadWork(source));
    },
    async run(group, hooks) {
      if (closing.signal.aborted) throw closedError('inline');
      log = hooks.log;
      const { signal, release } = follow([hooks.signal, closing.signal]);
      try {
        return await gate.through(() => runInPlace(group, { ...hooks, signal }, resources), signal);
      } finally {
        release();
      }
    },
    async close() {
      if (closing.signal.aborted) return;
      closing.abort(closedError('inline'));
      for (const thrown of await resources.teardown()) log.error({ error: errorInfo(thrown) }, 'a teardown failed');
    },
  };
}

async function runInPlace(group: Group, hooks: RunHooks, resources: Resources): Promise<GroupReport> {
  const { signal, log } = hooks;
  if (signal.aborted) return { replies: [], death: givenUp(signal.reason) };
  const note = openNote();
  const runtime = {
    note,
    signal,
    log,
    wait: waitWithin(group.limits, note, signal),
    abandons: hasLimits(group.limits),
    // A module sees here what it would see in a worker. Work in place is given the host's own objects: that is what it is for.
    sharesItems: group.source.type === 'module',
  };
  let open = group.tasks.length;
  await runGroup(group, runtime, resources, (replies) => {
    open -= replies.length;
    hooks.onReplies(replies);
  });
  return { replies: [], ...(open > 0 && { death: givenUp(signal.reason) }) };
}
