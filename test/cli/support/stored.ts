import { existsSync } from 'node:fs';
import { sqlite } from '../../../src/adapters/stores/sqlite.ts';
import type { AttemptRecord, BatchRecord, SessionRecord } from '../../../src/model/records.ts';
import type { Store } from '../../../src/model/store.ts';

/** All that a store file tells of its sessions, and of the hosts' work on them. */
export interface Stored {
  readonly sessions: readonly SessionRecord[];
  readonly batches: readonly BatchRecord[];
  readonly attempts: readonly AttemptRecord[];
}

/** Reads a store file. */
export async function stored(file: string): Promise<Stored> {
  return withStore(file, async (store) => {
    const sessions = await store.listSessions({ limit: 1_000 });
    const batches: BatchRecord[] = [];
    const attempts: AttemptRecord[] = [];
    for (const { id: sessionId } of sessions) {
      batches.push(...(await store.listBatches({ sessionId, limit: 100_000 })));
      attempts.push(...(await store.listAttempts({ sessionId, after: 0, limit: 100_000 })));
    }
    return { sessions, batches, attempts };
  });
}

/** Whether a session of a job has completed a batch, in whichever process. */
export async function hasSettled(file: string, job: string): Promise<boolean> {
  if (!existsSync(file)) return false;
  const [session] = await withStore(file, (store) => store.listSessions({ job, limit: 1 }));
  return session !== undefined && session.counts.batches.completed > 0;
}

async function withStore<T>(file: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = sqlite(file);
  await store.open();
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
