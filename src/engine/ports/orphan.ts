import type { SessionId } from '../../model/ids.ts';
import type { Store } from '../../model/store.ts';

/** Whether a session is live and no living host coordinates it: the store decides, by its own clock. */
export async function isOrphaned(store: Pick<Store, 'listSessions'>, id: SessionId): Promise<boolean> {
  return (await store.listSessions({ id, orphaned: true, limit: 1 })).length > 0;
}
