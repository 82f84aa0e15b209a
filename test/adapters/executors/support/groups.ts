import { encode } from '../../../../src/model/codec.ts';
import type { Death, Executor, Group, Reply, Task } from '../../../../src/model/executor.ts';
import type { SessionId } from '../../../../src/model/ids.ts';
import type { Logger } from '../../../../src/model/logger.ts';
import { type Limits, type WorkSource, workModule } from '../../../../src/model/work.ts';
import type { Fault } from '../../../fixtures/faults.work.ts';

export const sessionId = '7f1c2f0e-53f4-4b0c-9f5e-5d2f3a7c1b20' as SessionId;

/** A work of test/fixtures, by its name. */
export function fixture(name: string): WorkSource {
  return workModule(new URL(`../../../fixtures/${name}.work.ts`, import.meta.url)).source;
}

/** A group of batches of items, one list a batch. */
export function groupOf(
  source: WorkSource,
  batches: readonly (readonly unknown[])[],
  more: { limits?: Limits; settings?: unknown; tempDir?: string } = {},
): Group {
  const inputs = batches.map((items): Task['input'] => ({ type: 'items', items, before: [], after: [] }));
  return groupOfInputs(source, inputs, more);
}

export function groupOfSlices(source: WorkSource, slices: readonly unknown[]): Group {
  return groupOfInputs(
    source,
    slices.map((slice) => ({ type: 'slice', slice: encode(slice) })),
  );
}

export function groupOfInputs(
  source: WorkSource,
  inputs: readonly Task['input'][],
  { limits = {}, settings, tempDir = '/nowhere' }: { limits?: Limits; settings?: unknown; tempDir?: string } = {},
): Group {
  const tasks = inputs.map((input, number) => ({
    number,
    taskId: null,
    attempt: 1,
    input,
  }));
  return {
    source,
    sessionId,
    settings: settings === undefined ? null : encode(settings),
    limits,
    tempDir,
    taskPrefix: 'job:key#',
    tasks,
  };
}

/** A group of test/fixtures/faults.work.ts. */
export function faults(batches: readonly (readonly Fault[])[], limits: Limits = {}): Group {
  return groupOf(fixture('faults'), batches, { limits });
}

export interface Line {
  readonly level: string;
  readonly facts: object;
  readonly message: string;
}

/** All that a run told. */
export interface Told {
  /** By number, whether given early or in the report. */
  readonly replies: ReadonlyMap<number, Reply>;
  readonly death: Death | undefined;
  readonly lines: readonly Line[];
}

export interface Listening {
  readonly signal?: AbortSignal;
  /** Called for early replies. */
  readonly onReply?: (reply: Reply) => void;
  /** Called for each log line, also after the run. */
  readonly onLine?: (line: Line) => void;
}

/** Runs a group and gathers what it told. */
export async function tell(
  executor: Executor,
  group: Group,
  { signal = new AbortController().signal, onReply, onLine }: Listening = {},
): Promise<Told> {
  const replies = new Map<number, Reply>();
  const lines: Line[] = [];
  const keep = (reply: Reply): void => {
    if (replies.has(reply.number)) throw new Error(`batch ${reply.number} was answered twice`);
    replies.set(reply.number, reply);
  };
  const report = await executor.run(group, {
    signal,
    log: recorder((line) => {
      lines.push(line);
      onLine?.(line);
    }),
    onReplies: (early) => {
      early.forEach(keep);
      if (onReply) early.forEach(onReply);
    },
  });
  report.replies.forEach(keep);
  return { replies, death: report.death, lines };
}

/** The only reply of a group of one batch. */
export async function only(executor: Executor, group: Group): Promise<Reply> {
  const { replies, death } = await tell(executor, group);
  const [reply] = replies.values();
  if (!reply || replies.size > 1) throw new Error(`one reply was expected, not ${replies.size}; ${JSON.stringify(death)}`);
  return reply;
}

function recorder(take: (line: Line) => void): Logger {
  const line =
    (level: string) =>
    (facts: object, message: string): void =>
      take({ level, facts, message });
  const logger: Logger = {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    child: () => logger,
  };
  return logger;
}
