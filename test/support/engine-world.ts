import { inline } from '../../src/adapters/executors/inline.ts';
import { memory } from '../../src/adapters/stores/memory.ts';
import type { Engine } from '../../src/engine/api/api.ts';
import { type EngineParts, openEngine } from '../../src/engine/engine.ts';
import type { AnyJob } from '../../src/model/job.ts';
import type { Logger } from '../../src/model/logger.ts';
import type { Store } from '../../src/model/store.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';

/** One line that was logged. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly facts: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A logger that keeps its lines. */
export function recordingLogger(lines: LogLine[] = [], known: object = {}): Logger & { readonly lines: readonly LogLine[] } {
  const at =
    (level: LogLine['level']) =>
    (facts: object, message: string): void =>
      void lines.push({ level, facts: { ...known, ...facts }, message });
  return {
    lines,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (facts) => recordingLogger(lines, { ...known, ...facts }),
  };
}

/** An engine of its own on a store and a clock of its own, with inline workers and no chance in it. */
export interface World {
  readonly engine: Engine;
  readonly clock: ManualClock;
  readonly store: Store;
  readonly lines: readonly LogLine[];
}

export async function openWorld(jobs: readonly AnyJob[], parts: Partial<EngineParts> = {}): Promise<World> {
  const clock = (parts.clock as ManualClock | undefined) ?? manualClock();
  const store = parts.store ?? memory({ clock });
  const logger = recordingLogger();
  const engine = await openEngine({
    jobs,
    store,
    clock,
    logger,
    random: () => 0.5,
    leaseMs: 30_000,
    graceMs: 1_000,
    resume: 'manual',
    executor: 'inline',
    executors: (_, slots) => inline({ slots }),
    ...parts,
  });
  return { engine, clock, store, lines: logger.lines };
}

/** A store that several engines use one after another, or together: closing an engine leaves it open. */
export function shared(store: Store): Store {
  return { ...store, close: async () => undefined };
}

/** All that a stream gives. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of stream) values.push(value);
  return values;
}

/** A door that work waits at, for tests that decide when a piece ends. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
