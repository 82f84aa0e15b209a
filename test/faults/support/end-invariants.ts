import * as assert from 'uvu/assert';
import type { SessionId } from '../../../src/model/ids.ts';
import { isEndedBatch, isEndedSession } from '../../../src/model/moves.ts';
import type { Store } from '../../../src/model/store.ts';

const all = { after: 0, limit: 100_000 };

/** Checks what must be true of a session that has ended (E1, E2): each item is in exactly one place, and the counts say so. */
export async function assertEnded(store: Store, sessionId: SessionId): Promise<void> {
  const record = await store.getSession(sessionId);
  assert.ok(record && isEndedSession(record.state), `the session ended: ${record?.state}`);
  const batches = await store.listBatches({ sessionId, limit: all.limit });
  assert.is(batches.length, record.position.chunks, 'what was cut is there, once');
  let items = 0;
  for (const { number, state, items: size } of batches) {
    assert.ok(isEndedBatch(state), `batch ${number} is ${state}`);
    await assertPlaces(store, sessionId, number, state, size);
    items += size;
  }
  const { total, completed, failed, cancelled } = record.counts.items;
  assert.is(completed + failed + cancelled, total, 'the counts add up');
  assert.is(total, items, 'the counts are those of the batches');
}

/** Each item of a batch is an output, a dead letter, or was cancelled with its batch: one of them, once. */
async function assertPlaces(store: Store, sessionId: SessionId, number: number, state: string, items: number): Promise<void> {
  const outputs = await store.listOutputs({ sessionId, from: number, to: number, limit: all.limit });
  const letters = (await store.listDeadLetters({ sessionId, ...all })).filter((letter) => letter.number === number);
  const places = outputs.flatMap(({ places: some }) => some ?? Array.from({ length: items }, (_, place) => place));
  assert.is(new Set(places).size, places.length, `batch ${number} has no output twice`);
  const dead = letters.reduce((sum, letter) => sum + letter.items, 0);
  if (state === 'cancelled') assert.ok(places.length + dead <= items, `batch ${number}`);
  else assert.is(places.length + dead, items, `batch ${number} answers for each of its items`);
}
