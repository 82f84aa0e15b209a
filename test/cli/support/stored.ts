import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
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

/** Waits until a session of a job has completed a batch, in whichever process. */
export async function firstSettled(file: string, job: string): Promise<void> {
  // Another process writes the file: looking again is the only signal that there is.
  for (;;) {
    if (existsSync(file) && (await withStore(file, (store) => hasSettled(store, job)))) return;
    await delay(10);
  }
}

async function hasSettled(store: Store, job: string): Promise<boolean> {
  const [session] = await store.listSessions({ job, limit: 1 });
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
