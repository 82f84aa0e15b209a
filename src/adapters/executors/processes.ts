import { availableParallelism, freemem } from 'node:os';
import { errorInfo } from '../../model/error-info.ts';
import { MillraceError } from '../../model/errors.ts';
import type { Executor, Group, GroupReport, RunHooks, WorkShape } from '../../model/executor.ts';
import { type Logger, silentLogger } from '../../model/logger.ts';
import type { WorkSource } from '../../model/work.ts';
import { prepareMs } from '../worker/limits.ts';
import { failedReply } from '../worker/run-task.ts';
import { closedError } from './closed-error.ts';
import { follow } from './follow.ts';
import { openGate } from './gate.ts';
import { givenUp } from './given-up.ts';
import { askOnce } from './processes/ask-once.ts';
import { childArguments, childEnvironment } from './processes/child-options.ts';
import { type Crew, createCrew } from './processes/crew.ts';
import { runInChild } from './processes/run-in-child.ts';
import { checkThreadsOptions, type ThreadsOptions } from './start-pool.ts';
import { workersAuto } from './worker-count.ts';

/** Options of {@link processes}. */
export interface ProcessesOptions extends ThreadsOptions {
  /** The host's folder, where each child holds its lock. @default none: nobody can see whether children of a dead host still run */
  folder?: string;
}

/**
 * Runs groups in child processes of this host, one group at a time in each. They start when first needed, are used again,
 * and die with their host whatever they are doing.
 *
 * A segfault, an abort, a signal, a huge allocation or a block in native code ends one child, and only its own group suffers.
 * A start takes some 100 ms and tens of MB; a group costs a copy of its items through a pipe, and each item a write of some µs.
 *
 * @throws InvalidOptionError for impossible options, or when `MILLRACE_WORKERS` is no number.
 */
export function processes(options: ProcessesOptions): Executor {
  checkThreadsOptions(options);
  const slots =
    options.workers === 'auto'
      ? workersAuto({ cpus: availableParallelism(), freeMemory: freemem(), env: process.env })
      : options.workers;
  const gate = openGate(slots);
  const closing = new AbortController();
  const running = new Set<Promise<unknown>>();
  let log: Logger = silentLogger;
  const command = {
    args: childArguments(process.execArgv, options.workerMemoryMb, options.folder ?? ''),
    env: childEnvironment(options.env ?? [], process.env),
  };
  const crew = createCrew(command, () => log);

  /** Runs through the gate, unless given up; `close` waits for it. */
  const inTurn = async <T>(signals: readonly AbortSignal[], body: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    if (closing.signal.aborted) throw closedError('processes');
    const { signal, release } = follow([...signals, closing.signal]);
    const run = gate.through(() => body(signal), signal).finally(release);
    running.add(run);
    return run.finally(() => running.delete(run));
  };

  return {
    name: 'processes',
    slots,
    supports: { kill: true },
    load: (source) => inTurn([], (signal) => preflight(crew, source, signal)),
    run(group, hooks) {
      log = hooks.log;
      return inTurn([hooks.signal], (signal) => run(crew, group, { ...hooks, signal }, options));
    },
    async close() {
      if (closing.signal.aborted) return;
      closing.abort(closedError('processes'));
      await Promise.allSettled(running);
      await crew.close();
    },
  };
}

async function run(crew: Crew, group: Group, hooks: RunHooks, { recycle }: ProcessesOptions): Promise<GroupReport> {
  if (hooks.signal.aborted) return { replies: [], death: givenUp(hooks.signal.reason) };
  if (group.source.type === 'in-place') {
    return { replies: group.tasks.map((task) => failedReply(task, errorInfo(inPlaceError(), 'module'))) };
  }
  return runInChild(crew, group, hooks, recycle);
}

/** Loads a work in a child, so that its module can do no harm to the host. */
async function preflight(crew: Crew, source: WorkSource, signal: AbortSignal): Promise<WorkShape> {
  if (source.type === 'in-place') throw inPlaceError();
  signal.throwIfAborted();
  const child = await crew.take(false);
  const giveUp = (): void => child.kill();
  signal.addEventListener('abort', giveUp, { once: true });
  const answer = await askOnce(child, { type: 'load', source }, prepareMs);
  signal.removeEventListener('abort', giveUp);
  if (answer?.type === 'loaded') {
    crew.give(child);
    return answer.shape;
  }
  // Node remembers a module that could not be imported: only a fresh worker can try again.
  child.kill();
  signal.throwIfAborted();
  if (answer?.type === 'refused') throw new MillraceError('WORK_MODULE', answer.error.message, { cause: answer.error });
  throw new MillraceError(
    'WORK_MODULE',
    `The work module ${source.url} can't be loaded: its worker died, or did not answer within 60 s.`,
  );
}

function inPlaceError(): MillraceError {
  return new MillraceError(
    'WORK_MODULE',
    "Work in place can't run in processes: functions of the host don't leave it. Put the work into a module (workModule), or use executor 'inline'.",
  );
}
