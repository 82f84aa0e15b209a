import type { SessionId } from '../../src/model/ids.ts';
import { isPending } from './pending.ts';
import type { JobPlan } from './plan.ts';
import type { SimulatedHost } from './simulated-host.ts';
import { chunksOf, fateOf, isLost } from './truth.ts';

/** One try at a batch, as seen in its worker. */
export interface Execution {
  readonly sessionId: SessionId;
  readonly number: number;
  readonly taskId: string;
  readonly host: SimulatedHost;
  /** The owner under which its host ran it. */
  readonly owner: SimulatedHost['owners'][number] | undefined;
  /** How often its host had been in trouble when it began. */
  readonly troubles: number;
}

/** Looks on from outside of engine and store: every execution is noted where it happens. */
export interface Witness {
  /** Executions of a task that are under way. */
  live(taskId: string): readonly Execution[];
  begin(execution: Execution): void;
  /** Whether a batch was ever run. */
  hasRun(sessionId: SessionId, number: number): boolean;
  end(execution: Execution): void;
  /** How often an item has been run, this time included. */
  countRun(sessionId: SessionId, place: string): number;
  /** Notes that an item was done, and that its answer reached the host whole. */
  noteDone(execution: Execution, n: number): void;
  /** Who did an item, and told of it. */
  doneBy(sessionId: SessionId, n: number): Execution | undefined;
  /** Whether one more charged attempt leaves a batch enough of them to get through. Notes it, if so. */
  mayCharge(job: JobPlan, sessionId: SessionId, number: number): boolean;
  /** All executions so far. */
  executions(): number;
}

export function createWitness(): Witness {
  const live = new Map<string, Execution[]>();
  const begun = new Set<string>();
  const runs = new Map<string, number>();
  const done = new Map<string, Execution>();
  const charged = new Map<string, number>();
  let executions = 0;
  return {
    live: (taskId) => live.get(taskId) ?? [],
    hasRun: (sessionId, number) => begun.has(`${sessionId} ${number}`),
    begin(execution) {
      executions++;
      begun.add(`${execution.sessionId} ${execution.number}`);
      live.set(execution.taskId, [...(live.get(execution.taskId) ?? []), execution]);
    },
    end(execution) {
      live.set(
        execution.taskId,
        (live.get(execution.taskId) ?? []).filter((other) => other !== execution),
      );
    },
    countRun(sessionId, place) {
      const count = (runs.get(`${sessionId} ${place}`) ?? 0) + 1;
      runs.set(`${sessionId} ${place}`, count);
      return count;
    },
    noteDone: (execution, n) => void done.set(`${execution.sessionId} ${n}`, execution),
    doneBy: (sessionId, n) => done.get(`${sessionId} ${n}`),
    mayCharge(job, sessionId, number) {
      if (isBeyondBearing(job)) return false;
      const name = `${sessionId} ${number}`;
      const before = charged.get(name) ?? 0;
      if (before >= sparesOf(job, number)) return false;
      charged.set(name, before + 1);
      return true;
    },
    executions: () => executions,
  };
}

/** Where what chance does to a batch would not be borne yet. */
function isBeyondBearing({ work, fates }: JobPlan): boolean {
  return work === 'chunk' && fates.some(({ type }) => type === 'flaky') && isPending('flakyInSearch');
}

/** Attempts that a batch does not need to get through by itself. */
function sparesOf(job: JobPlan, number: number): number {
  const chunk = chunksOf(job)[number] ?? [];
  // Poison in sight costs attempts of its own, more of them after a wrong suspicion.
  if ((job.reaches ? job.items : chunk).some(({ n }) => isLost(fateOf(job, n)))) return 0;
  const needed = chunk.map(({ n }) => {
    const fate = fateOf(job, n);
    return fate.type === 'flaky' ? fate.times : 0;
  });
  return job.attempts - 1 - Math.max(0, ...needed);
}
