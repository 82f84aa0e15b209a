import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Chunk, type ChunkContext, defineWork } from '../src/model/work.ts';
import { openHistory } from './history.ts';
import { share, work } from './pace.ts';
import type { SessionPlan } from './plan.ts';
import { type Run, runsOf } from './runs.ts';
import { countExecution } from './self-kill.ts';

/** Finds the runs of a chunk, and notes when it does so. Every eighth chunk writes into the session's temp folder. */
export default defineWork({
  chunk: async ({ items, index }: Chunk<number>, context: ChunkContext<SessionPlan>): Promise<Run[]> => {
    const { history, seed, batchMs, spins } = context.settings;
    const note = history === '' ? () => undefined : openHistory(history);
    const at = { session: context.sessionId, batch: index, item: null };
    const reach = countExecution(note);
    note({ type: 'begin', ...at });
    reach(0);
    if (index % 8 === 0 && history !== '') writeFileSync(join(await context.tempDir(), `${index}`), 'in between');
    await work(batchMs * 2 * share(seed, index), spins, () => note({ type: 'tick', ...at }));
    reach(1);
    context.count('items', items.length);
    note({ type: 'end', ...at });
    reach(2);
    return runsOf(items);
  },
});
