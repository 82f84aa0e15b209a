import { sqlite } from '../../../src/adapters/stores/sqlite.ts';
import type { OwnerId, SessionId, Token } from '../../../src/model/ids.ts';

/*
 * A host in a process of its own, for tests that race or kill one. It opens the store, registers, says 'ready', waits for 'go',
 * claims batches one commit after the other until there are none, and says which. Then it stays until it is told to leave.
 */
const [path = '', owner = '', sessionId = ''] = process.argv.slice(2);
const store = sqlite(path);
await store.open();
await store.registerOwner(owner as OwnerId, 3_600_000);

async function claimAll(): Promise<readonly number[]> {
  const numbers: number[] = [];
  for (;;) {
    const tokens = Array.from({ length: 7 }, (_, index) => `${owner}-${numbers.length + index}` as Token);
    const answer = await store.commit({
      owner: owner as OwnerId,
      sessions: [{ sessionId: sessionId as SessionId, epoch: 1, claim: { tokens } }],
    });
    const claimed = answer.sessions[0]?.claimed ?? [];
    if (claimed.length === 0) return numbers;
    numbers.push(...claimed.map(({ number }) => number));
  }
}

process.on('message', (message) => {
  if (message === 'go') void claimAll().then((numbers) => process.send?.(numbers));
  if (message === 'leave') void store.close().then(() => process.disconnect());
});
process.send?.('ready');
