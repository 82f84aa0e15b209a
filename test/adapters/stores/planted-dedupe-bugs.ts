import type { SessionCommit, Store, TaskDedupe } from '../../../src/model/store.ts';
import { answering, type PlantBug, rewriting } from './plant-bug.ts';

/** Changes the rule by which duplicates are told; null: there is none. */
function ruling(good: Store, change: (rule: TaskDedupe, part: SessionCommit) => Promise<TaskDedupe | null>): Partial<Store> {
  return rewriting(good, async (part) => {
    if (!part.enqueue?.dedupe) return part;
    const { dedupe, ...enqueue } = part.enqueue;
    const changed = await change(dedupe, part);
    return { ...part, enqueue: changed ? { ...enqueue, dedupe: changed } : enqueue };
  });
}

/** What stores get wrong about tasks that are enqueued again. */
export const plantedDedupeBugs: Readonly<Record<string, PlantBug>> = {
  'runs duplicates': (good) => ruling(good, async () => null),
  'lets a task through a moment too early': (good) =>
    ruling(good, async (rule) => ({ ...rule, windowMs: Math.max(0, rule.windowMs - 1) })),
  'holds a task up a moment too long': (good) => ruling(good, async (rule) => ({ ...rule, windowMs: rule.windowMs + 1 })),
  'takes a batch in any open state for an original': (good) =>
    ruling(good, async (rule) => ({ ...rule, states: ['pending', 'running', 'failed.waiting', 'crashed.waiting'] })),
  'takes completed batches for originals, too': (good) =>
    ruling(good, async (rule) => ({ ...rule, states: [...rule.states, 'completed'] })),
  'looks for originals in the same session only': (good) =>
    ruling(good, async (rule, { sessionId, enqueue }) => {
      const own = await good.listBatches({ sessionId, limit: 1_000 });
      const tasks = new Set(own.map(({ taskId }) => taskId));
      return enqueue?.batches.some(({ taskId }) => tasks.has(taskId)) ? rule : null;
    }),
  'looks for duplicates before it writes, so that two hosts both find none': (good) => {
    const known = new Set<string | null>();
    return {
      async commit(commit) {
        const batches = commit.sessions.flatMap(({ enqueue }) => (enqueue?.dedupe ? enqueue.batches : []));
        const isFresh = !batches.some(({ taskId }) => known.has(taskId));
        await Promise.resolve();
        for (const { taskId } of batches) known.add(taskId);
        if (!isFresh) return good.commit(commit);
        const sessions = commit.sessions.map(({ enqueue, ...part }) => {
          if (!enqueue) return part;
          const { dedupe: _, ...rest } = enqueue;
          return { ...part, enqueue: rest };
        });
        return good.commit({ ...commit, sessions });
      },
    };
  },
  'says nothing of duplicates': (good) => answering(good, ({ duplicates: _, ...answer }) => answer),
  'names the duplicate as its own original': (good) =>
    answering(good, (answer, { sessionId }) => ({
      ...answer,
      ...(answer.duplicates && {
        duplicates: answer.duplicates.map((one) => ({ ...one, of: { sessionId, number: one.number } })),
      }),
    })),
  'counts no duplicates': (good) =>
    answering(good, ({ counts, ...answer }) => {
      const { duplicate: _, ...items } = counts.items;
      return { ...answer, counts: { ...counts, items } };
    }),
  'answers no duplicates when an enqueue comes again': (good) => {
    const answered = new Set<string>();
    return answering(good, ({ duplicates, ...answer }) => {
      const name = JSON.stringify(duplicates);
      const isKnown = answered.has(name);
      answered.add(name);
      return duplicates && !isKnown ? { ...answer, duplicates } : answer;
    });
  },
  'lists the attempts of a task by their end': (good) => ({
    listAttempts: async (filter) => [...(await good.listAttempts(filter))].sort((left, right) => left.endedAt - right.endedAt),
  }),
};
