import type { SessionActor } from '../../machines/engine-actors.ts';
import type { Payload } from '../../model/codec.ts';
import type { ErrorInfo } from '../../model/errors.ts';
import type { Executor } from '../../model/executor.ts';
import type { SessionId } from '../../model/ids.ts';
import type { JobDefinition } from '../../model/job.ts';
import type { Logger } from '../../model/logger.ts';
import type { Counts } from '../../model/outcome.ts';
import type { Position, SessionRecord } from '../../model/records.ts';
import type { Turns } from '../../model/turns.ts';
import type { SessionPolicies } from '../api/options.ts';
import type { Cutting } from '../cut/cut.ts';
import type { PartAnswer } from '../ports/commit.ts';
import type { Deferred } from '../ports/deferred.ts';
import type { EnginePorts } from '../ports/ports.ts';
import type { SessionCache } from './cache-names.ts';
import type { SessionRec } from './charts.ts';
import type { Combiner } from './combine.ts';
import type { GroupSize } from './group-size.ts';
import type { LiveBatch } from './live-batch.ts';
import type { Pool } from './pool.ts';
import type { SessionRate } from './rate.ts';
import type { Feed } from './schedule.ts';

/** Why a session is to end before its work is done. */
export type Stop =
  | { readonly type: 'fail'; readonly error: ErrorInfo }
  | { readonly type: 'cancel'; readonly reason: string }
  /** This host lets go of it: another may resume it. */
  | { readonly type: 'leave' };

/** What the scheduler pulls a session's batches from. */
export interface SessionFeed extends Feed<LiveBatch> {
  readonly session: LiveSession;
}

/** A session that this host coordinates. The steps of a chunk's way share it; counts are for display, the store decides. */
export interface LiveSession {
  readonly id: SessionId;
  readonly key: string;
  readonly job: JobDefinition;
  readonly input: unknown;
  readonly settings: Payload | null;
  readonly policies: SessionPolicies;
  readonly epoch: number;
  readonly priority: number;
  readonly generation: number;
  /** The folder for the work of one coordinator: a host that lost the session never touches the next one's. */
  tempDirOf(epoch: number): string;
  readonly ports: EnginePorts;
  readonly logger: Logger;
  readonly kind: 'each' | 'chunk';
  /** What its job's rate holds back; null: it has none. */
  readonly rate: SessionRate | null;
  /** As it was recorded; newer values are below. */
  readonly recorded: SessionRecord;

  /** What its batches are found by in the cache; null: it is not incremental. */
  readonly cache: SessionCache | null;

  /** Where its batches run: fixed when the first is taken. */
  pool: Pool;
  /** Where batches run that may have killed a host: in processes of their own. */
  refuge(): Executor;
  readonly feed: SessionFeed;
  /** State and context, moved by the session chart alone. */
  chart: SessionRec;
  cutting: Cutting | undefined;
  /** A read of the source is under way. */
  filling: boolean;
  /** Writes under way that come before the session's last move: its beginning, and enqueues. */
  recording: number;
  /** Due batches are being looked up. */
  takingUp: boolean;
  /** While they are: what has been claimed since, and is not what the look says it is. */
  claimedMeanwhile: Set<number> | undefined;
  /** When that was done last, by this host's clock; 0: never. */
  dueLookedAt: number;
  /** How far the source has been cut: ahead of what is recorded. */
  cut: Position;
  /** How far it has been recorded. */
  position: Position;
  /** Cut and not yet claimed, in order. */
  ready: LiveBatch[];
  /**
   * Batches that wait for a retry, as far as this host has them: the batch itself until it is due, its input kept for a quick
   * retry; then `'queued'`, until it was claimed. Those that are not here are read again from the store when they are due.
   */
  readonly waiting: Map<number, LiveBatch | 'queued'>;
  /** Positions of items given up, where batches look around: what a run may not see any more. */
  readonly dead: Set<number>;
  /** Endings that give up what others may have seen, one behind the other. */
  readonly burials: Turns;
  /** Whether the work reads items out of its slices. */
  readonly reads: boolean;
  /** Claimed and not yet answered for. */
  readonly inFlight: Set<LiveBatch>;
  /** The live statechart. */
  readonly actor: SessionActor;
  /** A worker has answered here for one of its batches. */
  answered: boolean;
  /** When this host took it on. */
  readonly takenOnAt: number;
  /** Groups that a lane has taken, until they are settled. */
  groups: number;
  readonly groupSize: GroupSize;
  readonly combiner: Combiner | undefined;
  readonly abort: AbortController;
  stop: Stop | undefined;
  /** What the source threw. The session fails with it once everything cut before has ended. */
  sourceFailure: ErrorInfo | undefined;
  paused: boolean;
  counts: Counts;
  counters: Readonly<Record<string, number>>;
  eventNumber: number;
  lowestOpen: number;
  /** Cancels the timer for the next due batch. */
  cancelDue: (() => void) | undefined;
  /** The last move is being made. */
  ending: boolean;
  /** It has ended, or this host has let go of it. */
  over: boolean;
  /** Resolves with the ended session's record; rejects when this host lets go of it. */
  readonly ended: Deferred<SessionRecord>;
  /** Takes over what the store answered, and goes on. Every step ends with it. */
  onAnswer(answer: PartAnswer | undefined): void;
  /** Tells whoever shows progress that something changed. */
  changed(): void;
}

/** What the natural keys of a session's batches begin with. */
export function taskPrefixOf({ job, key }: Pick<LiveSession, 'job' | 'key'>): string {
  return `${job.name}:${key}#`;
}

/** A batch's natural key. */
export function taskIdOf(session: Pick<LiveSession, 'job' | 'key'>, batch: Pick<LiveBatch, 'taskId' | 'number'>): string {
  return batch.taskId ?? `${taskPrefixOf(session)}${batch.number}`;
}
