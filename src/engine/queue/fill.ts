import { errorInfo } from '../../model/error-info.ts';
import { MillraceError } from '../../model/errors.ts';
import { isInstance } from '../../model/is-instance.ts';
import type { PlannedGroup } from '../cut/cut.ts';
import { batchDriver } from '../live/charts.ts';
import { fromPlan, type LiveBatch } from '../live/live-batch.ts';
import type { LiveSession } from '../live/live-session.ts';
import { type SessionRate, startable } from '../live/rate.ts';
import { record } from './record.ts';

/** Chunks read ahead at least: one group more than what is being taken. */
const readAheadAtLeast = 16;
/** Slices are a few bytes each, and stored anyway: cutting well ahead tells early how many there are. Tasks go ahead as many at once. */
const cutAhead = 1_024;

/** Keeps one group cut and ready ahead of the scheduler. Reading never occupies a slot. */
export function fill(session: LiveSession): void {
  const { cutting } = session;
  const limit = isCutAhead(session) ? cutAhead : Math.max(readAheadAtLeast, session.groupSize.current() * 2);
  if (!cutting || session.filling || session.stop || session.sourceFailure || session.paused || session.cut.ended) return;
  if (session.ready.length >= limit && !session.job.dedupe?.ahead) return;
  const taken = cutting.take(limit);
  if (taken instanceof Promise) void planLater(session, taken);
  else if (plan(session, taken)) session.onAnswer(undefined);
}

async function planLater(session: LiveSession, taken: Promise<PlannedGroup>): Promise<void> {
  session.filling = true;
  const group = await taken;
  session.filling = false;
  // Meanwhile this host may have let go of the session: what was read is for whoever resumes it.
  if (!session.stop) plan(session, group);
  session.onAnswer(undefined);
}

/**
 * Items are recorded with their claim, in one write instead of two. Slices are recorded at once, so that it is known early
 * how many there are; so are tasks that go ahead, what a rate may let wait, and the source's end, with what is left. A failure of the source counts once what was cut
 * before it has ended: `advance` sees to that.
 *
 * @returns Whether the source failed.
 */
function plan(session: LiveSession, { batches, position, failure }: PlannedGroup): boolean {
  session.cut = failure ? { ...position, ended: false } : position;
  if (failure) session.sourceFailure = sourceError(session, failure.thrown);
  const fresh = batchDriver.start({ maxAttempts: session.policies.attempts, canIsolate: session.policies.poison === 'isolate' });
  for (const planned of batches) session.ready.push(fromPlan(planned, fresh));
  if (session.cut.ended) record(session, session.ready, session.cut);
  else if (isCutAhead(session) || session.rate) record(session, session.ready);
  return failure !== undefined;
}

function isCutAhead({ job }: LiveSession): boolean {
  return job.slices !== undefined || job.dedupe?.ahead === true;
}

/** Tasks that go ahead of all work: none is taken before the source's end is recorded, or is known never to come. */
function awaitsSource({ job, position, sourceFailure }: LiveSession): boolean {
  return job.dedupe?.ahead === true && !position.ended && !sourceFailure;
}

/** The batches that go to a lane together: those that share a fate already. */
export function takeReady(session: LiveSession, limit: number): readonly LiveBatch[] {
  if (session.stop || session.paused || session.ending || awaitsSource(session)) return [];
  if (session.rate) return takeStartable(session, session.rate, limit);
  const taken = session.ready.splice(0, togetherAtFront(session, limit));
  record(session, taken);
  fill(session);
  return taken;
}

/** With a rate, those that it holds back are passed over. All are recorded when they are cut: so later ones may go before them. */
function takeStartable(session: LiveSession, rate: SessionRate, limit: number): readonly LiveBatch[] {
  const ready = startable(session, rate);
  const taken = ready.slice(0, togetherAtFront({ ready, job: session.job }, Math.min(limit, rate.policy.limit)));
  const gone = new Set(taken);
  session.ready = session.ready.filter((batch) => !gone.has(batch));
  fill(session);
  return taken;
}

/** Suspects go alone. Those that may have killed a host go with their like; where they can't leave the host, alone, too. */
type Front = Pick<LiveSession, 'job'> & { readonly ready: readonly LiveBatch[] };

function togetherAtFront({ ready, job }: Front, limit: number): number {
  const inPlace = job.work.type === 'in-place';
  const fateOf = ({ record, hostDeaths }: LiveBatch): 'alone' | 'refuge' | 'common' => {
    if (record.context.suspect || record.context.probing || (inPlace && hostDeaths > 0)) return 'alone';
    return hostDeaths > 0 ? 'refuge' : 'common';
  };
  const [first] = ready;
  if (!first) return 0;
  const fate = fateOf(first);
  if (fate === 'alone') return 1;
  const other = ready.findIndex((batch, index) => index === limit || fateOf(batch) !== fate);
  return other === -1 ? ready.length : other;
}

/** What the source threw, under the code of its cause where Millrace knows it. */
export function sourceError(session: LiveSession, thrown: unknown) {
  const info = errorInfo(thrown);
  const code = isInstance(thrown, MillraceError) ? thrown.code : 'SOURCE_FAILED';
  const message = `The source of job ${session.job.name} failed behind ${session.cut.items} items: ${info.message}`;
  return { ...info, message, code, cause: info };
}
