import { availableParallelism } from 'node:os';
import { workersAuto } from '../adapters/executors/worker-count.ts';
import { createEngine } from '../create-engine.ts';
import type { Engine, Session } from '../engine/api.ts';
import { errorInfo } from '../model/error-info.ts';
import { MillraceError } from '../model/errors.ts';
import type { AnyJob, ExecutorName } from '../model/job.ts';
import type { Store } from '../model/store.ts';
import { type ExitCode, exitCodes } from './exit-code.ts';
import { onInterrupt } from './interrupts.ts';
import type { Terminal } from './terminal/terminal.ts';

/** How long running batches may take to end after the first Ctrl-C. */
const grace = '20s';

/** What an engine of a command is made of. */
export interface EngineCall {
  readonly terminal: Terminal;
  readonly store: Store;
  readonly jobs: readonly AnyJob[];
  readonly workers?: number | 'auto' | undefined;
  readonly executor?: ExecutorName | undefined;
  /** How to go on after an interruption: a whole sentence. Asked when it happens. */
  hint(): string;
}

/** An engine at work for a command. */
export interface Running {
  readonly engine: Engine;
  /** How many batches can run at once. */
  readonly lanes: number;
  /** Shows a session's progress until it ends. */
  watch(session: Session<unknown, unknown>, label: string, counter?: string): void;
  /** From now on there is nothing to drain: only outputs are being written, and one signal does not disturb that. */
  finishing(): void;
}

/**
 * Runs an engine for a command. The first Ctrl-C (or SIGTERM) lets running batches end and hands the rest back;
 * the second ends the process at once. Either way the exit code is 130, unless the work was complete before that.
 */
export async function withEngine(call: EngineCall, work: (running: Running) => Promise<ExitCode>): Promise<ExitCode> {
  const { terminal, store, jobs, workers = 'auto', executor = 'threads' } = call;
  const engine = await createEngine({ store, jobs, workers, executor, resume: 'manual', logger: terminal.logger });
  const running = createRunning(engine, terminal, lanesOf(workers, executor));
  const interrupts = onInterrupt(
    () => {
      terminal.note(
        `Stopping. ${running.isFinishing() ? 'The outputs are being written' : `Running batches may end (${grace})`}; Ctrl-C again stops at once.`,
      );
      if (!running.isFinishing())
        void engine.close({ grace }).catch((error: unknown) => terminal.complain(errorInfo(error).message));
    },
    () => {
      terminal.complain(`Stopped at once. ${call.hint()}`);
      process.exit(exitCodes.interrupted);
    },
  );
  try {
    return await work(running);
  } catch (error) {
    if (!interrupts.interrupted) throw error;
    if (!isClosed(error)) terminal.complain(errorInfo(error).message);
    terminal.complain(`Interrupted. ${call.hint()}`);
    return exitCodes.interrupted;
  } finally {
    running.hide();
    await engine.close();
    interrupts.stop();
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof MillraceError && error.code === 'ENGINE_CLOSED';
}

function lanesOf(workers: number | 'auto', executor: ExecutorName): number {
  if (executor === 'inline') return 1;
  return workers === 'auto'
    ? workersAuto({ cpus: availableParallelism(), freeMemory: process.availableMemory(), env: process.env })
    : workers;
}

function createRunning(engine: Engine, terminal: Terminal, lanes: number): Running & { hide(): void; isFinishing(): boolean } {
  let hide = (): void => undefined;
  let isFinishing = false;
  return {
    engine,
    lanes,
    watch(session, label, counter) {
      const display = terminal.progress(label, counter);
      const follow = async (): Promise<void> => {
        for await (const progress of session.progress({ every: '100ms' })) display.update(progress);
      };
      hide = () => display.stop();
      // Whoever waits for the outcome learns of the same failure; here only the display ends.
      follow().then(hide, (error: unknown) => {
        hide();
        terminal.logger.debug({ session: session.id, error: errorInfo(error).message }, 'progress ended');
      });
    },
    finishing: () => {
      isFinishing = true;
    },
    isFinishing: () => isFinishing,
    hide: () => hide(),
  };
}
