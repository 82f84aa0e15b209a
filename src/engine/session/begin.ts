import type { BatchState } from '../../model/moves.ts';
import type { BatchRecord } from '../../model/records.ts';
import { cutSource } from '../cut/cut.ts';
import { hostKiller, isHostKiller } from '../live/host-killer.ts';
import type { LiveBatch } from '../live/live-batch.ts';
import type { LiveSession } from '../live/live-session.ts';
import { refresh } from '../live/refresh.ts';
import { type Settled, settleRelease } from '../live/settled.ts';
import { rescueAll } from '../ports/rescue-all.ts';
import { sourceError } from '../queue/fill.ts';
import { restoreBatches } from '../queue/restore.ts';
import { giveUpWhole } from '../run/give-up.ts';
import { noteDead, restoreDead } from '../run/neighbours.ts';
import { writeEndings } from '../run/write-endings.ts';
import { cutOn } from './cut-on.ts';
import { startSeated } from './seat.ts';

/** Sets a new session going, once it has its seat. */
export async function beginSession(session: LiveSession): Promise<void> {
  if (!(await startSeated(session))) return;
  session.cutting = cutSource(session, { chunks: 0, items: 0 });
  goOn(session);
}

/** Sets a session going that another host left: its claims are handed back, its source is read on behind the last cut. */
export async function continueSession(session: LiveSession): Promise<void> {
  session.logger.info({ state: session.chart.state, chunks: session.position.chunks }, 'session resumed');
  session.ports.events.emit({
    type: 'session.resumed',
    sessionId: session.id,
    job: session.job.name,
    eventNumber: session.eventNumber,
    at: session.ports.clock.now(),
  });
  if (session.chart.state === 'pending') return beginSession(session);
  try {
    await underWay(session, async () => {
      await restoreDead(session);
      const explained = await takeUpOpen(session);
      if (isHostKiller(session, explained)) {
        session.stop ??= { type: 'fail', error: hostKiller(session) };
        return;
      }
      if (!session.position.ended) session.cutting = await cutOn(session);
    });
  } catch (thrown) {
    session.stop ??= { type: 'fail', error: sourceError(session, thrown) };
  }
  goOn(session);
}

/**
 * Takes up what is open in the store and does not wait, of a session of which nothing is under way here. Also what its last
 * coordinator had claimed, if that let go of it first and was gone only after this host had taken it on.
 */
export async function takeUpStranded(session: LiveSession): Promise<void> {
  try {
    await underWay(session, async () => {
      await rescueAll(session.ports);
      await takeUpOpen(session);
    });
    if (session.ready.length > 0)
      session.logger.warn({ batches: session.ready.length }, 'open batches that nobody had are taken up');
  } catch (thrown) {
    session.stop ??= { type: 'fail', error: sourceError(session, thrown) };
  }
  session.onAnswer(undefined);
}

/** A session does not end while a step of its beginning is under way: what was asked of it meanwhile waits for that answer. */
async function underWay(session: LiveSession, step: () => Promise<unknown>): Promise<void> {
  session.recording++;
  try {
    await step();
  } finally {
    session.recording--;
  }
}

function goOn(session: LiveSession): void {
  if (session.over) {
    session.cutting?.close();
    return;
  }
  session.pool.scheduler.add(session.feed);
  session.onAnswer(undefined);
}

/** Most open batches that are not waiting: what was claimed, and one group ahead. */
const page = 10_000;

/**
 * Batches that can be run, and those that were running when the host died. Its death is nobody's fault that can be told yet: they
 * are released uncharged. Those of modules go where they can take no host with them; those in place were alone from the second
 * death on, and are given up after too many.
 *
 * @returns Deaths of hosts on which one of these batches was alone: they say nothing about source, combine and finalize.
 */
async function takeUpOpen(session: LiveSession): Promise<number> {
  const { store, persist } = session.ports;
  let explained = 0;
  for (let from = 0; ; ) {
    const filter = { sessionId: session.id, states: readyStates, open: true, from, limit: page };
    const rows = await persist(() => store.listBatches(filter));
    const batches = await restoreBatches(session, rows);
    const deciding = batches.filter((batch) => batch.record.state === 'crashed.deciding');
    if (session.job.work.type === 'in-place') for (const { hostDeaths } of batches) explained += Math.max(0, hostDeaths - 1);
    const settled = deciding.map((batch) => afterHostDeath(session, batch));
    await writeEndings(session, settled);
    const gone = new Set(deciding);
    session.ready.push(...batches.filter((batch) => !gone.has(batch)));
    if (rows.length < page) break;
    from = (rows.at(-1) as BatchRecord).number + 1;
  }
  await refresh(session);
  session.ready.sort((left, right) => left.number - right.number);
  return explained;
}

const readyStates = ['pending', 'crashed.deciding', 'failed.isolating', 'crashed.isolating'] as const satisfies BatchState[];

function afterHostDeath(session: LiveSession, batch: LiveBatch): Settled {
  const now = session.ports.clock.now();
  const isLast = session.job.work.type === 'in-place' && batch.hostDeaths > session.policies.hostDeaths;
  if (!isLast) return settleRelease(batch, false, now);
  const message = `${batch.hostDeaths} hosts died while it ran, the last ${batch.hostDeaths - 1} with nothing else at work (option hostDeaths).`;
  const one = giveUpWhole(session, batch, { name: 'HostDeath', message, category: 'host-death' }, now);
  noteDead(session, one);
  return one;
}
