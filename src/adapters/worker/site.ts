import type { Group } from '../../model/executor.ts';
import type { AnyWorkDefinition, SetupContext } from '../../model/work.ts';
import type { Note } from './note.ts';

/** What a work may log with. */
export type WorkLog = SetupContext<unknown>['log'];

/** Where a group is at work: what its host gave, whichever thread that is. */
export interface Runtime {
  readonly note: Note;
  /** Aborts when the group is given up. */
  readonly signal: AbortSignal;
  readonly log: WorkLog;
  /**
   * Waits for what the work promised. In place it gives up when a limit is passed (`LimitPassedError`);
   * in a thread it just waits, since the host ends the thread.
   */
  wait<T>(promise: PromiseLike<T>): PromiseLike<T>;
  /** Whether `wait` may give up on work while its group goes on: each batch then needs a signal of its own. */
  readonly abandons: boolean;
  /** Whether others hold the group's item objects, too: each attempt is then given copies of its own. */
  readonly sharesItems: boolean;
}

/** A runtime with everything that the group's tasks share. */
export interface Site extends Runtime {
  readonly group: Group;
  readonly work: AnyWorkDefinition;
  readonly settings: unknown;
  readonly resource: unknown;
  /** The session's folder, made at the first call. */
  tempDir(): Promise<string>;
}
