import type { BatchRecord } from '../../../src/model/records.ts';
import type { SessionCommit, Store } from '../../../src/model/store.ts';
import { answering, type PlantBug, rewriting, rewritingWrites } from './plant-bug.ts';

/** Changes each batch that the good store lists or claims. */
function showing(good: Store, change: (batch: BatchRecord) => BatchRecord): Partial<Store> {
  return {
    listBatches: async (filter) => (await good.listBatches(filter)).map(change),
    ...answering(good, (answer) => ({ ...answer, claimed: answer.claimed.map(change) })),
  };
}

/** Changes each session that the good store shows. */
function showingSessions(
  good: Store,
  change: <S extends Awaited<ReturnType<Store['getSession']>>>(session: S) => S,
): Partial<Store> {
  return {
    getSession: async (id) => change(await good.getSession(id)),
    adoptSession: async (id, owner) => change(await good.adoptSession(id, owner)),
    replaySession: async (replay) => change(await good.replaySession(replay)),
  };
}

const isIsolating = ({ state }: BatchRecord): boolean => state === 'failed.isolating' || state === 'crashed.isolating';

/** A claim without the batches that are isolating: by number, since the good store would choose them too. */
async function withoutIsolating(good: Store, part: SessionCommit): Promise<SessionCommit> {
  if (!part.claim) return part;
  const batches = await good.listBatches({ sessionId: part.sessionId, open: true, limit: 1_000 });
  if (!batches.some(isIsolating)) return part;
  const isolating = new Set(batches.filter(isIsolating).map(({ number }) => number));
  const { tokens } = part.claim;
  const wanted = part.claim.numbers ?? batches.filter(({ state }) => state === 'pending').map(({ number }) => number);
  const pairs = tokens.flatMap((token, index) => {
    const number = wanted[index];
    return number === undefined || isolating.has(number) ? [] : [{ token, number }];
  });
  return { ...part, claim: { tokens: pairs.map(({ token }) => token), numbers: pairs.map(({ number }) => number) } };
}

/** What stores get wrong about searches, letters, takeovers and replays. */
export const plantedSearchBugs: Readonly<Record<string, PlantBug>> = {
  'does not claim isolating batches': (good) => rewriting(good, (part) => withoutIsolating(good, part)),
  'claims isolating batches by number only': (good) =>
    rewriting(good, async (part) => (part.claim?.numbers ? part : withoutIsolating(good, part))),
  'charges an attempt for a search': (good) =>
    answering(good, (answer) => ({
      ...answer,
      claimed: answer.claimed.map((batch) =>
        batch.isolation?.phase === 'search' ? { ...batch, attempt: batch.attempt + 1 } : batch,
      ),
    })),
  'charges no attempt once a batch was searched': (good) =>
    answering(good, (answer) => ({
      ...answer,
      claimed: answer.claimed.map((batch) =>
        batch.isolation?.phase === 'rest' ? { ...batch, attempt: batch.attempt - 1 } : batch,
      ),
    })),
  'forgets how far a search came': (good) => showing(good, (batch) => ({ ...batch, isolation: null })),
  'never ends a search': (good) =>
    rewritingWrites(good, async (_, { isolation, ...write }) => (isolation ? { ...write, isolation } : write)),
  'counts no host deaths': (good) => showing(good, (batch) => ({ ...batch, hostDeaths: 0 })),
  'counts a host death for whatever crashes': (good) =>
    showing(good, (batch) => ({ ...batch, hostDeaths: batch.hostDeaths + Number(batch.state === 'crashed.waiting') })),
  'forgets the overlap of a batch': (good) => showing(good, (batch) => ({ ...batch, before: 0, after: 0 })),
  'finds what touches the next position, too': (good) => ({
    listBatches: (filter) =>
      good.listBatches(filter.touching ? { ...filter, touching: { ...filter.touching, to: filter.touching.to + 1 } } : filter),
  }),
  'finds what touches the position before, too': (good) => ({
    listBatches: (filter) =>
      good.listBatches(
        filter.touching ? { ...filter, touching: { ...filter.touching, from: filter.touching.from - 1 } } : filter,
      ),
  }),
  'finds what touches with its core only': (good) => ({
    async listBatches({ touching, ...filter }) {
      const found = await good.listBatches(touching ? { ...filter, touching } : filter);
      return found.filter(({ first, items }) => !touching || (first < touching.to && first + items > touching.from));
    },
  }),
  'writes a dead letter twice': (good) => {
    let more = 0;
    return rewritingWrites(good, async ({ sessionId }, write) => {
      if (!write.deadLetters || write.takeBack) return write;
      const taken = await good.listDeadLetters({ sessionId, after: 0, limit: 99 });
      const places = new Set(taken.map(({ place }) => place));
      const deadLetters = write.deadLetters.map((letter) =>
        places.has(letter.place) ? { ...letter, place: letter.place + 100 * ++more } : letter,
      );
      return { ...write, deadLetters };
    });
  },
  'puts dead letters under the batch that writes them': (good) =>
    rewritingWrites(good, async (_, { deadLetters, ...write }) => ({
      ...write,
      ...(deadLetters && { deadLetters: deadLetters.map(({ number: __, ...letter }) => letter) }),
    })),
  'takes no dead letter back': (good) => rewritingWrites(good, async (_, { takeBack: __, ...write }) => write),
  'takes every dead letter of a batch back': (good) =>
    rewritingWrites(good, async ({ sessionId }, write) => {
      if (!write.takeBack) return write;
      const letters = await good.listDeadLetters({ sessionId, number: write.number, after: 0, limit: 99 });
      return { ...write, takeBack: letters.map(({ place }) => place) };
    }),
  'purges all letters of a session': (good) => ({ purgeDeadLetters: ({ sessionId }) => good.purgeDeadLetters({ sessionId }) }),
  'lists letters whatever their category': (good) => ({
    async listDeadLetters({ group, ...filter }) {
      const letters = await good.listDeadLetters(filter);
      return letters.filter(({ error }) => !group || error.message === group.message);
    },
  }),
  'keeps the outputs that should be dropped': (good) => rewritingWrites(good, async (_, { dropOutputs: __, ...write }) => write),
  'counts no takeovers': (good) => showingSessions(good, (session) => session && { ...session, takeovers: 0 }),
  'counts every adoption as a takeover': (good) => {
    const adopted = new Map<string, number>();
    return {
      async adoptSession(id, owner) {
        const before = await good.getSession(id);
        const session = await good.adoptSession(id, owner);
        if (session && session.epoch !== before?.epoch && session.takeovers === before?.takeovers) {
          adopted.set(id, (adopted.get(id) ?? 0) + 1);
        }
        return session && { ...session, takeovers: session.takeovers + (adopted.get(id) ?? 0) };
      },
    };
  },
  'never counts takeovers anew': (good) => {
    const most = new Map<string, number>();
    return showingSessions(good, (session) => {
      if (!session) return session;
      most.set(session.id, Math.max(most.get(session.id) ?? 0, session.takeovers));
      return { ...session, takeovers: most.get(session.id) };
    });
  },
  'counts takeovers anew whenever a batch is settled': (good) => {
    const settled = new Set<string>();
    return {
      ...answering(good, (answer, { sessionId }) => {
        if (answer.written.includes(true)) settled.add(sessionId);
        return answer;
      }),
      async getSession(id) {
        const session = await good.getSession(id);
        return session && (settled.has(id) ? { ...session, takeovers: 0 } : session);
      },
    };
  },
  'replays without a new epoch': (good) =>
    rewriting(good, async (part) => {
      const session = await good.getSession(part.sessionId);
      return session && session.generation > 1 ? { ...part, epoch: session.epoch } : part;
    }),
  'replays what holds of a replay, and leaves the rest': (good) => ({
    replaySession: async (replay) => (await good.replaySession(replay)) ?? good.replaySession({ ...replay, batches: [] }),
  }),
  'replays as often as it is asked to': (good) => ({
    async replaySession(replay) {
      const session = await good.replaySession(replay);
      return session && { ...session, epoch: session.epoch + 1 };
    },
  }),
  'loses the old result when the next generation fails': (good) =>
    showingSessions(good, (session) => (session?.state === 'failed' ? { ...session, result: null } : session)),
  'keeps the old result when the next generation has none': (good) => {
    let kept: unknown = null;
    return showingSessions(good, (session) => {
      if (session?.result) kept = session.result;
      return session?.state === 'completed' ? { ...session, result: session.result ?? kept } : session;
    });
  },
  'forgets the attempt that completed a batch which was opened again': (good) => ({
    listAttempts: async (filter) => {
      const { sessionId, number = 0 } = filter;
      const [batch] = sessionId ? await good.listBatches({ sessionId, numbers: [number], limit: 1 }) : [];
      return (await good.listAttempts(filter)).filter(({ outcome }) => outcome !== 'completed' || batch?.state === 'completed');
    },
  }),
};
