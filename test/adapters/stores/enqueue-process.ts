import { newBatch, newSession } from '../../../src/adapters/conformance/scene.ts';
import { sqlite } from '../../../src/adapters/stores/sqlite.ts';
import type { OwnerId } from '../../../src/model/ids.ts';

/*
 * A host in a process of its own, for tests where several enqueue the same tasks. It says 'ready', waits for 'go', enqueues tasks 0 to
 * 59 in a session of its own, five a write, and says which of them it is to run. Then it stays until it is told to leave.
 */
const [path = '', name = ''] = process.argv.slice(2);
const store = sqlite(path);
await store.open();
const owner = `host-${name}` as OwnerId;
await store.registerOwner(owner, 3_600_000);
const session = newSession(Number(name), { coordinator: owner });
await store.createSession(session);
await store.moveSession({ id: session.id, epoch: 1, from: 'pending', to: 'running.streaming' });

const tasks = 60;
const perWrite = 5;

async function enqueueAll(): Promise<readonly number[]> {
  const mine: number[] = [];
  for (let from = 0; from < tasks; from += perWrite) {
    const batches = Array.from({ length: perWrite }, (_, index) => newBatch(from + index, { taskId: `task ${from + index}` }));
    const position = { chunks: from + perWrite, items: from + perWrite, ended: false };
    const dedupe = { windowMs: 3_600_000, states: ['pending', 'running'] } as const;
    const answer = await store.commit({
      owner,
      sessions: [{ sessionId: session.id, epoch: 1, enqueue: { batches, position, dedupe } }],
    });
    const duplicates = new Set(answer.sessions[0]?.duplicates?.map(({ number }) => number));
    mine.push(...batches.map(({ number }) => number).filter((number) => !duplicates.has(number)));
  }
  return mine;
}

process.on('message', (message) => {
  if (message === 'go') void enqueueAll().then((numbers) => process.send?.(numbers));
  if (message === 'leave') void store.close().then(() => process.disconnect());
});
process.send?.('ready');
