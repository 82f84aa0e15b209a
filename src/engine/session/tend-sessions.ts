import { errorInfo } from '../../model/error-info.ts';
import type { Token } from '../../model/ids.ts';
import type { BatchRecord } from '../../model/records.ts';
import type { BatchWrite } from '../../model/store.ts';
import { stepBatch } from '../live/charts.ts';
import type { LiveSession } from '../live/live-session.ts';
import { refresh } from '../live/refresh.ts';
import { recordOf } from '../queue/restore.ts';
import { takeUpStranded } from './begin.ts';

/** Batches that are looked at at once: more than any host has claimed. */
const page = 10_000;

/**
 * What each beat of a host does for its sessions: one in which nothing happens learns what was asked of it in another host, and what
 * fell between the chairs is taken up again. Claims that the store says are this host's and that nobody here knows of (the answer
 * to them was lost for good) are handed back, under their token, when two beats have seen them. Batches that are open while
 * nothing is under way are taken up.
 */
export function createTending(): (live: Iterable<LiveSession>) => Promise<void> {
  const known = new Set<LiveSession>();
  const quiet = new WeakSet<LiveSession>();
  let strays: ReadonlySet<Token> = new Set();
  let tending: Promise<unknown> | undefined;

  const tend = async (session: LiveSession, found: Set<Token>): Promise<void> => {
    if (!session.over) await refresh(session);
    const rows = await straysOf(session);
    const again = rows.filter(({ token }) => token !== null && strays.has(token));
    if (again.length > 0) await handBack(session, again);
    for (const { token } of rows) if (token !== null) found.add(token);
    if (session.over && rows.length === 0) known.delete(session);
    if (!isQuiet(session)) quiet.delete(session);
    else if (quiet.has(session)) await takeUpStranded(session);
    else quiet.add(session);
  };
  const tendAll = async (): Promise<void> => {
    const found = new Set<Token>();
    const each = [...known].map((session) =>
      tend(session, found).catch((error: unknown) =>
        session.logger.error({ error: errorInfo(error).message }, 'session could not be looked at'),
      ),
    );
    await Promise.all(each);
    strays = found;
  };
  return async (live) => {
    for (const session of live) known.add(session);
    // Beats may come faster than a store that fails answers.
    tending ??= tendAll().finally(() => {
      tending = undefined;
    });
    await tending;
  };
}

/** Open batches, though nothing is under way that would end them: neither here, nor at its time. */
function isQuiet(session: LiveSession): boolean {
  const { groups, recording, filling, takingUp, ready, stop, paused, ending, over, lowestOpen, position } = session;
  if (stop || paused || ending || over) return false;
  return groups === 0 && recording === 0 && !filling && !takingUp && ready.length === 0 && lowestOpen < position.chunks;
}

/** Batches that run under this host's name and under a token that nobody here knows. Also of a session that it let go of. */
async function straysOf(session: LiveSession): Promise<readonly BatchRecord[]> {
  const { store, persist, owner, claims } = session.ports;
  const isLeft = session.over && session.stop?.type === 'leave';
  const mayHaveSome = session.over ? isLeft : session.counts.batches.running > session.inFlight.size;
  if (!mayHaveSome) return [];
  const filter = { sessionId: session.id, states: ['running'], open: true, limit: page } as const;
  const running = await persist(() => store.listBatches(filter));
  return running.filter((row) => row.owner === owner() && row.token !== null && !claims.has(row.token));
}

async function handBack(session: LiveSession, rows: readonly BatchRecord[]): Promise<void> {
  session.logger.warn({ batches: rows.map(({ number }) => number) }, 'claims that nobody holds are handed back');
  const writes = rows.map((row): BatchWrite => {
    const { state, context } = stepBatch(recordOf(session, row), { type: 'RELEASE', suspect: false });
    return { number: row.number, from: row.state, to: state, token: row.token as Token, attempt: context.attempt };
  });
  await session.ports.writer.submit({ sessionId: session.id, epoch: session.epoch, writes });
}
