import { defineWork, type WorkContext } from '../src/model/work.ts';
import { openHistory } from './history.ts';
import { share, work } from './pace.ts';
import type { SessionPlan } from './plan.ts';
import { countExecution } from './self-kill.ts';

/** Takes one number, and notes when it does so. */
export default defineWork({
  each: async (item: number, context: WorkContext<SessionPlan>): Promise<string> => {
    const { history, seed, batchMs, spins } = context.settings;
    const note = history === '' ? () => undefined : openHistory(history);
    const at = { session: context.sessionId, batch: Number.parseInt(context.executionId.slice(-12), 16), item };
    const reach = countExecution(note);
    note({ type: 'begin', ...at });
    reach(0);
    await work(batchMs * 2 * share(seed, item), spins, () => note({ type: 'tick', ...at }));
    reach(1);
    context.count('items');
    note({ type: 'end', ...at });
    reach(2);
    return answerTo(seed, item);
  },
});

/** What the work gives for an item. */
export function answerTo(seed: number, item: number): string {
  return `${item}:${Math.floor(share(seed, item) * 1e6).toString(36)}`;
}
