import { encode } from '../../src/model/codec.ts';
import type { Death, Executor, Group, GroupReport, Reply, RunHooks, Task } from '../../src/model/executor.ts';

/** What an item does to the worker that has it in hand. */
export type Fate = Death['category'] | 'throws' | undefined;

/** One run of one batch, as the executor saw it. */
export interface Execution {
  readonly number: number;
  readonly items: readonly number[];
  readonly overlap: readonly number[];
  readonly fate: Fate;
  readonly fresh: boolean;
  readonly with: number;
}

/** How a {@link deadlyExecutor} behaves. */
export interface Deadly {
  /** What the work returns for its items. */
  work(items: readonly number[]): unknown;
  /** What an item does when it is met, in core or overlap. */
  fateOf(item: number): Fate;
  /** What all that is loaded at once does. */
  fateOfAll?(loaded: readonly number[]): Fate;
  /** Whether a note of the item in hand outlives the worker. */
  readonly notes: boolean;
}

/** Runs `chunk` work on numbers in this process, and dies of what it is told to die of, as a worker would. */
export function deadlyExecutor(deadly: Deadly, executions: Execution[] = [], name = 'deadly'): Executor {
  return {
    name,
    slots: 1,
    supports: { kill: true },
    load: async () => ({ kind: 'chunk', reads: false }),
    run: async (group, hooks) => runGroup(deadly, group, hooks, executions),
    close: async () => undefined,
  };
}

function runGroup(deadly: Deadly, group: Group, { onReplies }: RunHooks, executions: Execution[]): GroupReport {
  const replies: Reply[] = [];
  for (const task of group.tasks) {
    const { items, overlap, count } = loadedBy(task);
    const loaded = [...overlap.before, ...items, ...overlap.after];
    const all = deadly.fateOfAll?.(loaded);
    const culprit = loaded.find((item) => deadly.fateOf(item) !== undefined);
    const fate = all ?? (culprit === undefined ? undefined : deadly.fateOf(culprit));
    executions.push({
      number: task.number,
      items,
      overlap: [...overlap.before, ...overlap.after],
      fate,
      fresh: group.fresh === true,
      with: group.tasks.length,
    });
    if (fate !== undefined && fate !== 'throws') {
      onReplies(replies);
      const place = culprit === undefined ? -1 : placeOf(task, culprit);
      const noted = deadly.notes && place >= 0 && { place };
      const error = { name: 'WorkerDeath', message: `died of ${culprit}`, category: fate };
      return { replies: [], death: { category: fate, error, number: task.number, ...noted } };
    }
    const error = { name: 'Error', message: 'poison', category: 'error' } as const;
    const output = fate ? null : encode(deadly.work(items));
    replies.push({ number: task.number, items: count, output, failures: [], ms: 1, ...(fate && { error }) });
  }
  return { replies };
}

function loadedBy({ input, only }: Task) {
  if (input.type === 'slice') throw new Error('Slices are not read here.');
  const items = (only ? only.map((place) => input.items[place]) : input.items) as number[];
  return {
    items,
    overlap: { before: input.before as number[], after: input.after as number[] },
    count: input.items.length,
  };
}

/** Only the core has places that a worker can note. */
function placeOf({ input }: Task, item: number): number {
  return input.type === 'items' ? input.items.indexOf(item) : -1;
}
