import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadDriver } from '../src/adapters/stores/sqlite/load-driver.ts';
import { sqlite } from '../src/adapters/stores/sqlite.ts';
import type { DeadLetter } from '../src/model/outcome.ts';
import type { AttemptRecord, BatchRecord, OutputRecord, SessionRecord } from '../src/model/records.ts';
import type { Store } from '../src/model/store.ts';

/** All that a store holds of a session. */
export interface SessionTruth {
  readonly session: SessionRecord;
  readonly batches: readonly BatchRecord[];
  readonly outputs: readonly OutputRecord[];
  readonly attempts: readonly AttemptRecord[];
  readonly letters: readonly DeadLetter[];
}

/** What is left of a round when its hosts are gone. */
export interface Truth {
  readonly sessions: readonly SessionTruth[];
  /** SQLite's own answer: `ok`. */
  readonly integrity: string;
  /** Lock files of owners, and files in temp folders: there should be none. */
  readonly leftovers: readonly string[];
}

const all = 10_000_000;

/** Reads a store to the end. */
export async function readTruth(folder: string, path: string): Promise<Truth> {
  const store = sqlite(path);
  await store.open();
  try {
    const sessions: SessionTruth[] = [];
    for (const session of await store.listSessions({ limit: 10_000 })) sessions.push(await readSession(store, session));
    return { sessions, integrity: await integrityOf(path), leftovers: leftoversOf(folder, path) };
  } finally {
    await store.close();
  }
}

async function readSession(store: Store, session: SessionRecord): Promise<SessionTruth> {
  const page = { sessionId: session.id, after: 0, limit: all };
  return {
    session,
    batches: await store.listBatches({ sessionId: session.id, limit: all }),
    outputs: await store.listOutputs({ sessionId: session.id, from: 0, to: all, limit: all }),
    attempts: await store.listAttempts(page),
    letters: await store.listDeadLetters(page),
  };
}

async function integrityOf(path: string): Promise<string> {
  const connection = (await loadDriver()).connect(path);
  try {
    return connection
      .prepare('pragma integrity_check')
      .all([])
      .flatMap((row) => Object.values(row))
      .join('; ');
  } finally {
    connection.close();
  }
}

/**
 * The root of all temp folders of a user stays; what is in it does not. An empty one is of a host that was killed while it made it:
 * for a day nobody can tell it from one that is just being made.
 */
function leftoversOf(folder: string, path: string): string[] {
  const temp = join(folder, 'temp');
  const hosts = readdirSync(temp).flatMap((root) => readdirSync(join(temp, root)).map((name) => join(temp, root, name)));
  const locks = readdirSync(`${path}.owners`).map((name) => join(`${path}.owners`, name));
  return [...locks, ...hosts.filter((host) => readdirSync(host).length > 0)];
}
