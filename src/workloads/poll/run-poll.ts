import { setTimeout as delay } from 'node:timers/promises';
import { type Duration, durationMs } from '../../model/duration.ts';
import { errorInfo } from '../../model/error-info.ts';
import { InvalidOptionError } from '../../model/errors.ts';
import { type Logger, silentLogger } from '../../model/logger.ts';
import type { LastingEngine, WorkloadSession } from '../engine-part.ts';
import { createWaits, type SessionWaits } from '../session-waits.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import type { PollInput, PollJob } from './poll-job.ts';
import { isUrl, openSource, type Source, type Taken } from './source.ts';
import type { PollStats } from './stats.ts';
import { writeOutputs } from './write-outputs.ts';

/** What to poll, and how. */
export interface PollRequest {
  /** A folder with `polls.jsonl`, or a URL of this machine, such as `http://127.0.0.1:8080/logs`. */
  readonly source: string;
  /** Folder or URL of the files that are listed. @default the source */
  readonly files?: string;
  /** Folder for the outputs, made if it is missing. Absent: none are written. */
  readonly out?: string;
  /** From one poll to the next; not under a virtual clock, where polls have times of their own. @default '1m' */
  readonly interval?: Duration;
  /** Polls once, and ends when that poll's work has. @default false */
  readonly once?: boolean;
  /** Attempts of a log that can't be read now. @default 3 */
  readonly attempts?: number;
  /** The clock that the engine's store goes by: the polls of a folder are then taken at their own times, without waiting. */
  readonly clock?: VirtualClock;
}

/** What a caller may want to see or bring. */
export interface PollHooks {
  /** Called with each session when it is waited for. */
  onSession?(session: WorkloadSession<unknown, unknown>): void;
  /** Ends the polling: what runs may end within 20 s, then the outputs are written. */
  signal?: AbortSignal;
  /** @default silent */
  logger?: Logger;
}

/** What came of it. */
export interface PollReport {
  /** Polls that were taken by this call. */
  readonly taken: number;
  /** Polls of a folder that were taken before. */
  readonly known: number;
  /** Polls that gave nothing: the source could not be asked, or its answer not be read. */
  readonly failures: number;
  /** Of all that the store knows. */
  readonly stats: PollStats;
}

/** What the steps of one call share. */
interface Run {
  readonly engine: LastingEngine;
  readonly job: PollJob;
  readonly request: PollRequest;
  readonly source: Source;
  readonly waits: SessionWaits;
  readonly logger: Logger;
}

/**
 * Polls a source, and has every listed log read, once as long as its task is held ({@link pollJob}): a folder to its end, a URL until the
 * signal aborts. Called again after an interruption, with the same store, it goes on where it was. A source that can't be asked is logged, and
 * asked again with the next poll.
 *
 * @param job - What `pollJob` made: the engine's jobs must include it.
 * @throws InvalidOptionError, MillraceError `NO_READABLE_INPUT` before anything runs; whatever keeps an interrupted poll from being taken on.
 */
export async function runPoll(
  engine: LastingEngine,
  job: PollJob,
  request: PollRequest,
  { onSession = () => undefined, signal = new AbortController().signal, logger = silentLogger }: PollHooks = {},
): Promise<PollReport> {
  const intervalMs = durationMs(request.interval ?? '1m', 'interval', 1);
  const { clock } = request;
  if (clock && isUrl(request.source)) {
    throw new InvalidOptionError('source', request.source, 'a folder: under a virtual clock polls have times of their own');
  }
  const source = await openSource(request.source, request.files);
  const waits = createWaits(engine, job, signal, onSession);
  await waits.addLive();
  if (clock) await waits.quiet();
  const run: Run = { engine, job, request, source, waits, logger };
  const write = (): Promise<PollStats> => writeOutputs(engine, job, request.out);
  const tally = { taken: 0, known: 0, failures: 0 };
  let due = performance.now();
  let writing: Promise<unknown> | undefined;
  while (!signal.aborted) {
    const answer = await source.next(signal);
    if (!answer || signal.aborted) break;
    const result = await take(run, answer);
    tally[result]++;
    if (request.once && result !== 'known') break;
    if (clock || result === 'known') continue;
    writing ??= waits
      .quiet()
      .then(write)
      .catch((thrown: unknown) => logger.error({ error: errorInfo(thrown).message }, 'outputs could not be written'))
      .finally(() => {
        writing = undefined;
      });
    due = Math.max(due + intervalMs, performance.now());
    // Ends early when the signal aborts.
    await delay(due - performance.now(), undefined, { signal }).catch(() => undefined);
  }
  await waits.quiet();
  if (!signal.aborted) await waits.addLive();
  await waits.quiet();
  await writing;
  return { ...tally, stats: await write() };
}

/** Takes one poll: starts its session; under a virtual clock at its own time, and waits until all its work has ended. */
async function take(run: Run, answer: Taken): Promise<'taken' | 'known' | 'failures'> {
  const { engine, job, request, source, waits, logger } = run;
  const { clock, attempts = 3 } = request;
  if ('failure' in answer || (clock && answer.poll.t === null)) {
    logger.error({ source: source.name, error: 'failure' in answer ? answer.failure : 'it has no time' }, 'poll failed');
    return 'failures';
  }
  const { poll, place } = answer;
  const key = place === null ? undefined : `${source.name}#${place}`;
  if (key !== undefined && (await isTaken(run, key))) return 'known';
  const zero = clock ? await zeroOf(run, clock) : null;
  clock?.advanceTo((zero ?? 0) + Math.round((poll.t ?? 0) * 1_000));
  const input: PollInput = { source: source.name, place, zero, files: source.files, ...poll };
  const retry = { attempts, ...(clock && { backoff: { base: 0 } }) };
  const session = await engine.start(job, input, { retry, ...(key !== undefined && { key }) });
  logger.info({ poll: place, listed: poll.listed, invalid: poll.invalid, session: session.id }, 'poll taken');
  waits.add(session);
  if (clock) await waits.quiet();
  return 'taken';
}

/** Whether a poll of a folder has had its session. One that runs is waited for; one that was ended before its work was done counts as none. */
async function isTaken({ engine, job, waits }: Run, key: string): Promise<boolean> {
  const session = await engine.find(job, { key });
  if (!session) return false;
  waits.add(session);
  await waits.quiet();
  const { status } = await session.state();
  const isGivenUp = status === 'failed' && (await session.outcome()).error?.code !== 'ALL_FAILED';
  return status !== 'cancelled' && !isGivenUp;
}

/** The first moment of a source: now before its first poll; then time goes on from the last one recorded, whatever was written since. */
async function zeroOf({ engine, job, source }: Run, clock: VirtualClock): Promise<number> {
  const now = Math.max(clock.now(), await engine.store.now());
  for await (const { metadata } of engine.sessions({ job: job.name })) {
    if (metadata.source !== source.name || typeof metadata.zero !== 'number') continue;
    return Math.max(metadata.zero, now - Number(metadata.t) * 1_000);
  }
  return now;
}
