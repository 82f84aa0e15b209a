import { MillraceError } from '../../model/errors.ts';
import type { Executor, Group, GroupReport, RunHooks, WorkShape } from '../../model/executor.ts';
import { type Logger, silentLogger } from '../../model/logger.ts';
import type { WorkSource } from '../../model/work.ts';
import { prepareMs } from '../worker/limits.ts';
import { givenUp } from './given-up.ts';
import { askOnce } from './processes/ask-once.ts';
import { childArguments, childEnvironment } from './processes/child-options.ts';
import { type Crew, createCrew } from './processes/crew.ts';
import { runInChild } from './processes/run-in-child.ts';
import { checkThreadsOptions, type ThreadsOptions } from './start-pool.ts';
import { openTurnstile } from './turnstile.ts';
import { inPlaceError, refuseInPlace } from './work-in-place.ts';
import { workersOf } from './worker-count.ts';

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
  const slots = workersOf(options.workers);
  const turnstile = openTurnstile('processes', slots);
  let log: Logger = silentLogger;
  const command = {
    args: childArguments(process.execArgv, options.workerMemoryMb, options.folder ?? ''),
    env: childEnvironment(options.env ?? [], process.env),
  };
  const crew = createCrew(command, () => log);

  return {
    name: 'processes',
    slots,
    supports: { kill: true },
    load: (source) => turnstile.through(undefined, (signal) => preflight(crew, source, signal)),
    run(group, hooks) {
      log = hooks.log;
      return turnstile.through(hooks.signal, (signal) => run(crew, group, { ...hooks, signal }, options));
    },
    async close() {
      if (await turnstile.close()) await crew.close();
    },
  };
}

async function run(crew: Crew, group: Group, hooks: RunHooks, { recycle }: ProcessesOptions): Promise<GroupReport> {
  if (hooks.signal.aborted) return { replies: [], death: givenUp(hooks.signal.reason) };
  if (group.source.type === 'in-place') return refuseInPlace(group, 'processes');
  return runInChild(crew, group, hooks, recycle);
}

/** Loads a work in a child, so that its module can do no harm to the host. */
async function preflight(crew: Crew, source: WorkSource, signal: AbortSignal): Promise<WorkShape> {
  if (source.type === 'in-place') throw inPlaceError('processes');
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
