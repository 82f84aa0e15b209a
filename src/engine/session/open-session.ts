import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { copyPayload, decode, hashOf } from '../../model/codec.ts';
import type { Executor, WorkShape } from '../../model/executor.ts';
import type { JobDefinition } from '../../model/job.ts';
import type { SessionRecord } from '../../model/records.ts';
import { createTurns } from '../../model/turns.ts';
import type { SessionPolicies } from '../api/options.ts';
import { absorb } from '../end/absorb.ts';
import { cacheOf } from '../live/cache-names.ts';
import { type SessionRec, sessionDriver } from '../live/charts.ts';
import { createCombiner } from '../live/combine.ts';
import { createGroupSize } from '../live/group-size.ts';
import type { LiveSession, SessionFeed } from '../live/live-session.ts';
import { gapsOf } from '../live/missing-items.ts';
import { outputsOf } from '../live/outputs.ts';
import type { Pool } from '../live/pool.ts';
import { rateOf } from '../live/rate.ts';
import { deferred } from '../ports/deferred.ts';
import type { EnginePorts } from '../ports/ports.ts';
import { takeReady } from '../queue/fill.ts';

/** What a live session is made of, besides its record. */
export interface SessionParts {
  readonly ports: EnginePorts;
  readonly job: JobDefinition;
  readonly shape: WorkShape;
  readonly tempRoot: string;
  readonly policies: SessionPolicies;
  /** The pool for many batches, and the one for a session that turns out to have a single chunk. */
  poolFor(single: boolean): Pool;
  /** Where no batch can take the host with it. */
  refuge(): Executor;
  onChange(): void;
}

/** Brings a recorded session to life: nothing is read or claimed yet. */
export function openSession(record: SessionRecord, parts: SessionParts): LiveSession {
  const { ports, job, policies } = parts;
  const { kind, reads } = parts.shape;
  const { id } = record;
  const chart = chartOf(record, policies);
  const input = decode(copyPayload(record.input));
  const logger = ports.logger.child({ session: id, job: job.name });
  const session: LiveSession = {
    id,
    key: record.key,
    job,
    input,
    settings: record.settings,
    policies,
    epoch: record.epoch,
    priority: record.priority,
    generation: record.generation,
    tempDirOf: (epoch) => join(parts.tempRoot, `${folderNameOf(id)}.${epoch}`),
    ports,
    logger,
    kind,
    reads,
    rate: rateOf(job),
    recorded: record,
    cache: cacheOf(job, input, record, logger),
    pool: parts.poolFor(false),
    refuge: parts.refuge,
    get feed() {
      return feed;
    },
    chart,
    ...nothingYet(),
    cut: record.position,
    position: record.position,
    actor: ports.actors.adoptSession(id, chart),
    takenOnAt: ports.clock.now(),
    groups: 0,
    groupSize: createGroupSize(),
    combiner: job.combine && createCombiner(outputsOf(ports), id, kind, job.combine, gapsOf(ports, id, job)),
    abort: abortOf(),
    stop: record.cancelReason === null ? undefined : { type: 'cancel', reason: record.cancelReason },
    paused: record.paused,
    counts: record.counts,
    counters: record.counters,
    eventNumber: record.eventNumber,
    lowestOpen: 0,
    ended: deferred(),
    onAnswer: (answer) => absorb(session, answer),
    changed: parts.onChange,
  };
  const feed = feedOf(session, parts);
  return session;
}

/** Every group that waits for its turn listens: as many as there are lanes. */
function abortOf(): AbortController {
  const abort = new AbortController();
  setMaxListeners(0, abort.signal);
  return abort;
}

type Begun =
  | 'cutting'
  | 'filling'
  | 'recording'
  | 'takingUp'
  | 'claimedMeanwhile'
  | 'dueLookedAt'
  | 'ready'
  | 'waiting'
  | 'dead'
  | 'burials'
  | 'inFlight'
  | 'answered';
type Ended = 'sourceFailure' | 'cancelDue' | 'ending' | 'over';

/** Nothing is under way, and nothing has ended. */
function nothingYet(): Pick<LiveSession, Begun | Ended> {
  return {
    cutting: undefined,
    filling: false,
    recording: 0,
    takingUp: false,
    claimedMeanwhile: undefined,
    dueLookedAt: 0,
    ready: [],
    waiting: new Map(),
    dead: new Set(),
    burials: createTurns(),
    inFlight: new Set(),
    answered: false,
    sourceFailure: undefined,
    cancelDue: undefined,
    ending: false,
    over: false,
  };
}

/** What the scheduler pulls from. The first pull decides where the session runs: a single chunk needs no pool. */
function feedOf(session: LiveSession, parts: SessionParts): SessionFeed {
  let placed = false;
  const place = (): boolean => {
    if (placed) return true;
    if (session.ready.length === 0 && !session.cut.ended) return false;
    placed = true;
    const single = session.cut.ended && session.cut.chunks === 1;
    const pool = parts.poolFor(single);
    if (pool === session.pool) return true;
    session.pool.scheduler.remove(session.feed);
    session.pool = pool;
    pool.scheduler.add(session.feed);
    return false;
  };
  return {
    session,
    priority: session.priority,
    take: (limit) => (place() ? takeReady(session, limit) : []),
    groupSize: () => session.groupSize.current(),
  };
}

/** A stored id names a folder that is removed in the end: what is no id must not lead out of the folder above. */
function folderNameOf(id: string): string {
  return /^[\w-]{1,64}$/.test(id) ? id : hashOf(id);
}

/** The chart where the record stands. */
function chartOf(record: SessionRecord, policies: SessionPolicies): SessionRec {
  const { context } = sessionDriver.start({
    sourceEnded: record.position.ended,
    generation: record.generation,
    partial: policies.partial,
    paused: record.paused,
  });
  return { state: record.state, context };
}
