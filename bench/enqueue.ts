import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SqliteDriver } from '../src/adapters/stores/sqlite/driver.ts';
import { loadDriver } from '../src/adapters/stores/sqlite/load-driver.ts';
import { sqlite } from '../src/adapters/stores/sqlite.ts';
import type { Store } from '../src/index.ts';
import type { OwnerId, SessionId } from '../src/model/ids.ts';
import { openBatchStates } from '../src/model/moves.ts';
import { goal, goalMs } from './goal.ts';
import { compare, figure } from './measure.ts';
import { numberOption } from './options.ts';

/** Tasks in one write: what the engine enqueues at once, too. */
const tasksTogether = 1_000;
const owner = 'bench' as OwnerId;

/** What does it cost to enqueue a task that may be a duplicate? */
export async function run(): Promise<void> {
  const tasks = numberOption('tasks', 50_000);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const driver = await loadDriver();
  const store = sqlite(join(folder, 'engine.db'), { driver: driver.name });
  await store.open();
  await store.registerOwner(owner, 3_600_000);
  const bare = openBareInserts(driver, join(folder, 'bare.db'));
  try {
    const measured = await compare(
      `A task enqueued in a file (${driver.name}, WAL, synchronous NORMAL), ${tasksTogether} a transaction`,
      {
        'bare inserts': () => bare.insert(tasks, tasksTogether),
        'enqueue with dedupe': () => enqueue(store, { tasks, together: tasksTogether }),
        'enqueue with dedupe, half of them duplicates': () => enqueue(store, { tasks, together: tasksTogether, again: true }),
      },
      { operations: tasks },
    );
    const bareMs = measured['bare inserts'].oneMs;
    goal('enqueue with dedupe over bare inserts', bareMs / measured['enqueue with dedupe'].oneMs, { atLeast: 0.5 });
    const half = bareMs / measured['enqueue with dedupe, half of them duplicates'].oneMs;
    console.log(`         with half of them duplicates: ${figure(half)}x`);
    const few = Math.ceil(tasks / 50);
    const single = await compare(
      'A task enqueued alone, in a transaction of its own',
      {
        'bare insert': () => bare.insert(few, 1),
        'enqueue with dedupe': () => enqueue(store, { tasks: few, together: 1 }),
      },
      { operations: few },
    );
    goalMs('one task enqueued with dedupe', single['enqueue with dedupe'].oneMs, 1);
  } finally {
    bare.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Load {
  readonly tasks: number;
  readonly together: number;
  /** Each task comes twice. */
  readonly again?: boolean;
}

let sessions = 0;

/** Enqueues tasks in a session of its own, as the engine does. */
async function enqueue(store: Store, { tasks, together, again = false }: Load): Promise<void> {
  const number = sessions++;
  const id = `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}` as SessionId;
  const facts = { job: 'bench', version: '1', key: id, priority: 0, coordinator: owner, input: '0', settings: null };
  const rest = { fingerprint: 'f', chunking: 'count:1', policies: '{}', metadata: null, keepMs: null };
  await store.createSession({ id, ...facts, ...rest } as Parameters<Store['createSession']>[0]);
  await store.moveSession({ id, epoch: 1, from: 'pending', to: 'running.streaming' });
  const dedupe = { windowMs: 300_000, states: openBatchStates };
  let duplicates = 0;
  for (let from = 0; from < tasks; from += together) {
    const count = Math.min(together, tasks - from);
    const batches = Array.from({ length: count }, (_, index) => batchOf(from + index, taskOf(number, from + index, again)));
    const position = { chunks: from + count, items: from + count, ended: false };
    const answer = await store.commit({ owner, sessions: [{ sessionId: id, epoch: 1, enqueue: { batches, position, dedupe } }] });
    duplicates += answer.sessions[0]?.duplicates?.length ?? 0;
  }
  if (duplicates !== (again ? Math.floor(tasks / 2) : 0)) throw new Error(`${duplicates} of ${tasks} tasks were duplicates`);
}

function taskOf(session: number, number: number, again: boolean): string {
  return `partner_tasks:IGC:AC-${session}:${again ? number >> 1 : number}`;
}

function batchOf(number: number, taskId: string) {
  const nothing = { range: null, slice: null, lastItem: null, before: 0, after: 0 };
  return { number, first: number, items: 1, hash: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', taskId, ...nothing };
}

const table = `
create table tasks (
  session integer not null,
  number integer not null,
  first integer not null,
  items integer not null,
  state integer not null,
  hash text,
  task_id text,
  enqueued_at integer not null,
  primary key (session, number)
) without rowid`;

/** The least that a durable queue of named tasks can cost: a row each, so many a transaction. No index besides the key, nothing looked up. */
function openBareInserts(driver: SqliteDriver, path: string) {
  const connection = driver.connect(path);
  connection.prepare('pragma journal_mode = wal').get([]);
  connection.exec(`pragma synchronous = normal; ${table}`);
  const statement = connection.prepare('insert into tasks values (?, ?, ?, 1, 0, ?, ?, ?)');
  let session = 0;
  return {
    insert(tasks: number, together: number): void {
      session++;
      for (let from = 0; from < tasks; from += together) {
        connection.exec('begin immediate');
        for (let number = from; number < Math.min(from + together, tasks); number++) {
          const { hash, taskId } = batchOf(number, taskOf(session, number, false));
          statement.run([session, number, number, hash, taskId, Date.now()]);
        }
        connection.exec('commit');
      }
    },
    close: () => connection.close(),
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await run();
