import type { BatchRecord } from '../model/records.ts';
import { cutSource } from './cut.ts';
import { cutOn } from './cut-on.ts';
import { sourceError } from './fill.ts';
import type { LiveSession } from './live-session.ts';
import { moveSession } from './move.ts';
import { refresh } from './refresh.ts';
import { restoreBatches } from './restore.ts';
import { settleRelease } from './settle.ts';

/** Sets a new session going. */
export async function beginSession(session: LiveSession): Promise<void> {
  await underWay(session, () => moveSession(session, { type: 'START' }));
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
      await takeUpOpen(session);
      if (!session.position.ended) session.cutting = await cutOn(session);
    });
  } catch (thrown) {
    session.stop ??= { type: 'fail', error: sourceError(session, thrown) };
  }
  goOn(session);
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
 * Pending batches, and those that were running when the host died. Its death is nobody's fault that can be told yet:
 * they are released uncharged, and each runs alone.
 */
async function takeUpOpen(session: LiveSession): Promise<void> {
  const { store, persist, writer, clock } = session.ports;
  for (let from = 0; ; ) {
    const filter = { sessionId: session.id, states: ['pending', 'crashed.deciding'], open: true, from, limit: page } as const;
    const rows = await persist(() => store.listBatches(filter));
    const batches = await restoreBatches(session, rows);
    const released = batches
      .filter((batch) => batch.record.state === 'crashed.deciding')
      .map((batch) => settleRelease(batch, true, clock.now()));
    const writes = released.map(({ write }) => write);
    if (writes.length > 0) await writer.submit({ sessionId: session.id, epoch: session.epoch, writes });
    for (const { batch, after } of released) batch.record = after;
    session.ready.push(...batches);
    if (rows.length < page) break;
    from = (rows.at(-1) as BatchRecord).number + 1;
  }
  await refresh(session);
}
