import { availableParallelism } from 'node:os';
import { workersAuto } from '../adapters/executors/worker-count.ts';
import { createEngine } from '../create-engine.ts';
import type { Engine } from '../engine/api/api.ts';
import type { Session } from '../engine/api/session.ts';
import type { Duration } from '../model/duration.ts';
import { errorInfo } from '../model/error-info.ts';
import { MillraceError } from '../model/errors.ts';
import type { AnyJob, ExecutorName } from '../model/job.ts';
import type { Logger } from '../model/logger.ts';
import type { Store } from '../model/store.ts';
import { type ExitCode, exitCodes } from './exit-code.ts';
import { onInterrupt } from './interrupts.ts';
import { type StoreWatch, watchStore } from './store-watch.ts';
import type { ProgressDisplay } from './terminal/progress-display.ts';
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
  /** Names of environment variables that workers see. @default none */
  readonly env?: readonly string[];
  /** How long the host counts as alive without a word. @default the engine's */
  readonly lease?: Duration;
  /** What the first signal does instead of closing the engine: the work then comes to its end by itself, and the exit code tells of the signal. */
  readonly drain?: () => void;
  /** How to go on after an interruption: a whole sentence. Asked when it happens. `begun`: whether a session had been started. */
  hint(begun: boolean): string;
}

/** An engine at work for a command. */
export interface Running {
  readonly engine: Engine;
  readonly logger: Logger;
  /** How many batches can run at once. */
  readonly lanes: number;
  /** Shows a session's progress until it ends: by its label, or on a display of the caller's own. */
  watch(session: Session<unknown, unknown>, label: string | ProgressDisplay, counter?: string): void;
  /** From now on there is nothing to drain: only outputs are being written, and one signal does not disturb that. */
  finishing(): void;
}

/**
 * Runs an engine for a command. The first Ctrl-C (or SIGTERM, or SIGHUP) lets running batches end and hands the rest back;
 * the second ends the process at once, and so does the first when the store takes nothing. Either way the exit code is 128 and
 * the signal's number, unless the work was complete before that. A store that takes nothing for a minute ends the command with 3.
 */
export async function withEngine(call: EngineCall, work: (running: Running) => Promise<ExitCode>): Promise<ExitCode> {
  const { terminal, store, jobs, workers = 'auto', executor = 'threads', env = [] } = call;
  const alive = call.lease === undefined ? {} : { lease: call.lease };
  const engine = await createEngine({ store, jobs, workers, executor, env, ...alive, resume: 'manual', logger: terminal.logger });
  const leave = (why: string, code: ExitCode): void => {
    terminal.complain(`${why} ${call.hint(running.hasBegun())}`);
    process.exit(code);
  };
  const stores = watchStore(terminal.clock, (trouble) =>
    leave(`Nothing could be written for a minute: ${trouble}`, exitCodes.failed),
  );
  const running = createRunning(engine, terminal, lanesOf(workers, executor), stores);
  const interrupts = onInterrupt(
    (signal) => {
      if (stores.trouble !== null) return leave('Stopped at once, because the store takes nothing.', exitCodes[signal]);
      terminal.note(
        `Stopping. ${running.isFinishing() ? 'The outputs are being written' : `Running batches may end (${grace})`}; Ctrl-C again stops at once.`,
      );
      if (running.isFinishing()) return;
      if (call.drain) call.drain();
      else void engine.close({ grace }).catch((error: unknown) => terminal.complain(errorInfo(error).message));
    },
    (signal) => leave('Stopped at once.', exitCodes[signal]),
  );
  try {
    const code = await work(running);
    return call.drain && interrupts.signal ? exitCodes[interrupts.signal] : code;
  } catch (error) {
    if (!interrupts.signal) throw error;
    if (!isClosed(error)) terminal.complain(errorInfo(error).message);
    terminal.complain(`Interrupted. ${call.hint(running.hasBegun())}`);
    return exitCodes[interrupts.signal];
  } finally {
    running.hide();
    await engine.close();
    stores.stop();
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

/** What only the engine's owner asks. */
interface OwnRunning extends Running {
  hide(): void;
  isFinishing(): boolean;
  hasBegun(): boolean;
}

function createRunning(engine: Engine, terminal: Terminal, lanes: number, stores: StoreWatch): OwnRunning {
  let hide = (): void => undefined;
  let isFinishing = false;
  let hasBegun = false;
  return {
    engine,
    logger: terminal.logger,
    lanes,
    watch(session, label, counter) {
      hasBegun = true;
      stores.look(session);
      const display = typeof label === 'string' ? terminal.progress(label, counter) : label;
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
    hasBegun: () => hasBegun,
    hide: () => hide(),
  };
}
