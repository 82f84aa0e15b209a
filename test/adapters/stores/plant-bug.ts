import { memory } from '../../../src/adapters/stores/memory.ts';
import type { Clock } from '../../../src/model/clock.ts';
import type { BatchWrite, SessionAnswer, SessionCommit, Store } from '../../../src/model/store.ts';

/** A store with one bug, made from a good one. */
export type PlantBug = (good: Store, clock: Clock) => Partial<Store>;

/** A memory store with a bug. */
export function buggyStore(plant: PlantBug, clock: Clock): Store {
  const good = memory({ clock });
  return { ...good, ...plant(good, clock) };
}

/** Changes each session's part of a commit before the good store sees it. */
export function rewriting(good: Store, rewrite: (part: SessionCommit) => Promise<SessionCommit>): Partial<Store> {
  return { commit: async (commit) => good.commit({ ...commit, sessions: await Promise.all(commit.sessions.map(rewrite)) }) };
}

/** Changes each session's answer behind the good store's back. */
export function answering(
  good: Store,
  change: (answer: SessionAnswer, part: SessionCommit) => Promise<SessionAnswer> | SessionAnswer,
): Partial<Store> {
  return {
    async commit(commit) {
      const answer = await good.commit(commit);
      const changed = answer.sessions.map(async (session, index) => change(session, commit.sessions[index] as SessionCommit));
      return { ...answer, sessions: await Promise.all(changed) };
    },
  };
}

/** Changes each write before the good store sees it. */
export function rewritingWrites(
  good: Store,
  rewrite: (part: SessionCommit, write: BatchWrite) => Promise<BatchWrite>,
): Partial<Store> {
  return rewriting(good, async (part) => {
    const writes = await Promise.all((part.writes ?? []).map((write) => rewrite(part, write)));
    return part.writes ? { ...part, writes } : part;
  });
}
