import type { ErrorInfo } from '../../model/errors.ts';
import type { Recycle } from '../../model/executor.ts';
import type { WorkSource } from '../../model/work.ts';
import type { GiveUp, LoadAnswer, PackedGroup, Telling } from './wire.ts';

/** The pipes and files between a host and a child, by their numbers in the child. 0 to 2 are those of every process. */
export const childFiles = {
  /** Requests, from the host. */
  requests: 3,
  /** Tellings, to the host. Written blocking: so nothing is lost when the work calls `process.exit`, and none piles up. */
  tellings: 4,
  /** Nothing comes here. Its end is the end of the host. */
  hostAlive: 5,
  /** The note of the item in hand. */
  note: 6,
} as const;

/**
 * What a host asks a child to do. What the child tells of it must carry the ticket: a random text, new for each request,
 * so that what code of an earlier group still sends is not taken for an answer to a later one.
 */
export type ChildRequest =
  | { readonly type: 'run'; readonly ticket: string; readonly group: PackedGroup; readonly recycle?: Recycle }
  | { readonly type: 'load'; readonly ticket: string; readonly source: WorkSource }
  | { readonly type: 'teardown'; readonly ticket: string }
  | GiveUp;

/** What a child tells, each with its ticket. Read as `unknown` on the host. */
export type ChildTelling =
  | { readonly type: 'ready' }
  | Telling
  /** The group has ended, and every answer of it was told before. */
  | { readonly type: 'ended' }
  | ({ readonly type: 'loaded' } & LoadAnswer)
  | { readonly type: 'torn-down'; readonly errors: readonly ErrorInfo[] };

/** A telling on its way: the ticket of its request, and what is told. The first one, `ready`, has the ticket ''. */
export type Told = readonly [ticket: string, telling: ChildTelling];
