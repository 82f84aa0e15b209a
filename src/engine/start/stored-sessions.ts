import { durationMs } from '../../model/duration.ts';
import type { SessionId } from '../../model/ids.ts';
import type { Store } from '../../model/store.ts';
import type { Engine, SessionQuery } from '../api/api.ts';
import type { SessionView } from '../api/session.ts';
import { viewOf } from '../live/view.ts';
import { seatTakenBy } from '../session/seat.ts';
import { pruneCache } from './prune-cache.ts';

const page = 100;

/** Sessions of a store, newest first, read page by page. */
export async function* listViews(store: Store, { job, status, since }: SessionQuery): AsyncGenerator<SessionView> {
  const createdSince = since === undefined ? undefined : (await store.now()) - durationMs(since, 'since');
  const name = typeof job === 'string' ? job : job?.name;
  const filter = { ...(name !== undefined && { job: name }), ...(createdSince !== undefined && { createdSince }), limit: page };
  const orphans = new Set((await store.listSessions({ ...filter, orphaned: true, limit: 10_000 })).map(({ id }) => id));
  for (let after: SessionId | undefined; ; ) {
    const rows = await store.listSessions({ ...filter, ...(after && { after }) });
    for (const record of rows) {
      const view = viewOf(record, { orphaned: orphans.has(record.id), waitingFor: await seatTakenBy(store, record) });
      if (status === undefined || view.status === status) yield view;
    }
    after = rows.at(-1)?.id;
    if (rows.length < page) return;
  }
}

/** Deletes one ended session, all that ended long enough ago, or cached outputs, in steps that never hold the store for long. */
export async function pruneSessions(store: Store, which: Parameters<Engine['prune']>[0]): Promise<number> {
  if ('cache' in which) return pruneCache(store, which.cache);
  const now = await store.now();
  if ('id' in which) return store.prune({ endedBefore: now + 1, limit: 1, id: which.id as SessionId });
  const endedBefore = now - durationMs(which.olderThan, 'olderThan');
  let pruned = 0;
  for (;;) {
    const some = await store.prune({ endedBefore, limit: page });
    pruned += some;
    if (some < page) return pruned;
  }
}
