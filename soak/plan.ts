import type { ExecutorName } from '../src/model/job.ts';

/** Which job a session runs: `pieces` are chunks with open edges, `items` and `singles` take item by item, `varied` changes its chunk size as it goes. */
export type JobKind = 'pieces' | 'items' | 'singles' | 'varied';

/** The input of one session: all that its job needs, so that every host and the checker know the same. */
export interface SessionPlan {
  readonly key: string;
  readonly seed: number;
  readonly items: number;
  /** How long a batch works, about. */
  readonly batchMs: number;
  /** Works without letting go of its thread, and says every few milliseconds that it is still there. */
  readonly spins: boolean;
  readonly finalizeMs: number;
  /** The file of the history; empty: nothing is noted. */
  readonly history: string;
}

/** What a host is told. */
export interface HostOrder {
  readonly store: string;
  readonly history: string;
  readonly job: JobKind;
  readonly executor: ExecutorName;
  readonly workers: number;
  readonly leaseMs: number;
  readonly graceMs: number;
  /** Sessions that this host starts, unless their key is known already. */
  readonly starts: readonly SessionPlan[];
  /** Starts them without looking, when it is told to on its standard input. */
  readonly onCommand: boolean;
}
