import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inline } from '../adapters/executors/inline.ts';
import { encode } from '../model/codec.ts';
import type { Group, Reply, Task, WorkShape } from '../model/executor.ts';
import type { SessionId } from '../model/ids.ts';
import type { JobDefinition } from '../model/job.ts';
import { silentLogger } from '../model/logger.ts';
import type { Piece } from './read-pieces.ts';

/** A job's work, loaded and ready to be called here, one piece after another. */
export interface OpenWork {
  readonly shape: WorkShape;
  readonly taskIdOf: (number: number) => string;
  run(piece: Piece, attempt?: number, only?: readonly number[]): Promise<Reply>;
  /** Tears down and removes the temp folder. */
  close(): Promise<void>;
}

/** The id that works see as theirs when they run without an engine. */
export const sequentialSessionId = '00000000-0000-4000-8000-000000000000' as SessionId;

/**
 * Loads a job's work on this thread. Time limits do not hold: what is slow is waited for.
 *
 * @throws MillraceError `WORK_MODULE` when it can't be loaded.
 */
export async function openWork(job: JobDefinition, input: unknown): Promise<OpenWork> {
  const executor = inline();
  const shape = await executor.load(job.work);
  const settings: unknown = typeof job.settings === 'function' ? await job.settings(input) : job.settings;
  const group: Omit<Group, 'tasks'> = {
    source: job.work,
    sessionId: sequentialSessionId,
    settings: settings === undefined ? null : encode(settings, 'settings'),
    limits: {},
    taskPrefix: '',
    tempDir: join(tmpdir(), `millrace-sequential-${randomUUID()}`),
  };
  const key = job.key?.(input) ?? sequentialSessionId;
  const taskIdOf = (number: number): string => `${job.name}:${key}#${number}`;
  const { signal } = new AbortController();
  return {
    shape,
    taskIdOf,
    async run({ number, input: taskInput }, attempt = 1, only) {
      const task: Task = { number, taskId: taskIdOf(number), attempt, input: taskInput, ...(only && { only }) };
      const replies: Reply[] = [];
      const report = await executor.run(
        { ...group, tasks: [task] },
        { signal, log: silentLogger, onReplies: (early) => replies.push(...early) },
      );
      return theOnly([...replies, ...report.replies]);
    },
    async close() {
      await executor.close();
      await rm(group.tempDir, { recursive: true, force: true });
    },
  };
}

function theOnly(replies: readonly Reply[]): Reply {
  const [reply] = replies;
  if (!reply) throw new Error('The work ended without an answer, though nobody gave it up.');
  return reply;
}
