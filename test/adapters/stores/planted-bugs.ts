import type { SessionCommit } from '../../../src/model/store.ts';
import { answering, type PlantBug, rewriting, rewritingWrites } from './plant-bug.ts';

const allOf = { after: 0, limit: 1_000_000 };

/** What real stores get wrong, each as small as it comes. */
export const plantedBugs: Readonly<Record<string, PlantBug>> = {
  'settles whoever writes: no fence by token': (good) =>
    rewritingWrites(good, async ({ sessionId }, write) => {
      const [batch] = await good.listBatches({ sessionId, numbers: [write.number], limit: 1 });
      return batch?.token ? { ...write, token: batch.token } : write;
    }),
  'settles by id only: neither state nor token': (good) =>
    rewritingWrites(good, async ({ sessionId }, write) => {
      const [batch] = await good.listBatches({ sessionId, numbers: [write.number], limit: 1 });
      return batch ? { ...write, from: batch.state, ...(batch.token ? { token: batch.token } : {}) } : write;
    }),
  'forgets the hash of what a worker read': (good) => rewritingWrites(good, async (_, { hash: _forgotten, ...write }) => write),
  'does not look at the epoch': (good) =>
    rewriting(good, async (part) => ({ ...part, epoch: (await good.getSession(part.sessionId))?.epoch ?? part.epoch })),
  'claims in two steps: hands out what it read before another claimed it': (good) => ({
    async commit(commit) {
      const before = await Promise.all(
        commit.sessions.map(({ sessionId, claim }) =>
          good.listBatches({ sessionId, states: ['pending'], limit: claim?.tokens.length ?? 0 }),
        ),
      );
      await Promise.resolve();
      const answer = await good.commit(commit);
      const sessions = answer.sessions.map((session, index) => {
        const tokens = commit.sessions[index]?.claim?.tokens ?? [];
        const stale = (before[index] ?? []).map((batch, place) => ({ ...batch, token: tokens[place] ?? null }));
        return stale.length > session.claimed.length ? { ...session, claimed: stale } : session;
      });
      return { ...answer, sessions };
    },
  }),
  'claims for owners whose lease ran out': (good) => ({
    async commit(commit) {
      if (commit.sessions.some(({ claim }) => claim)) await good.registerOwner(commit.owner, 30_000);
      return good.commit(commit);
    },
  }),
  'claims while paused': (good) => ({
    async commit(commit) {
      for (const { sessionId } of commit.sessions) await good.requestSession(sessionId, { paused: false });
      return good.commit(commit);
    },
  }),
  'lets one bad row fail its group': (good) => ({
    async commit(commit) {
      const states = new Map<string, string>();
      for (const { sessionId } of commit.sessions) {
        for (const batch of await good.listBatches({ sessionId, limit: 1_000 }))
          states.set(`${sessionId}${batch.number}`, batch.state);
      }
      const isGood = ({ sessionId, writes = [] }: SessionCommit): boolean =>
        writes.every((write) => states.get(sessionId + write.number) === write.from);
      const sessions = commit.sessions.map((part) => {
        if (isGood(part)) return part;
        const { writes: _, ...rest } = part;
        return rest;
      });
      const answer = await good.commit({ ...commit, sessions });
      const written = (part: SessionCommit, index: number) =>
        isGood(part) ? answer.sessions[index]?.written : part.writes?.map(() => false);
      return {
        ...answer,
        sessions: answer.sessions.map((one, index) => ({
          ...one,
          written: written(commit.sessions[index] as SessionCommit, index) ?? [],
        })),
      };
    },
  }),
  'forgets the error of an attempt': (good) => ({
    listAttempts: async (filter) => (await good.listAttempts(filter)).map((attempt) => ({ ...attempt, error: null })),
  }),
  'forgets attempts that were released': (good) => ({
    listAttempts: async (filter) => (await good.listAttempts(filter)).filter(({ outcome }) => outcome !== 'pending'),
  }),
  'passes the barrier while batches are open': (good) => ({
    moveSession: (move) => good.moveSession({ ...move, requireNothingOpen: false }),
  }),
  'leaves open batches behind when it cancels': (good) => ({
    moveSession: (move) => good.moveSession({ ...move, cancelOpen: false }),
  }),
  'renews a lease that ran out': (good) => ({
    renewOwner: (owner, leaseMs) => good.registerOwner(owner, leaseMs),
  }),
  'gives a session to whoever asks': (good) => ({
    async adoptSession(id, owner) {
      const session = await good.getSession(id);
      if (session) await good.leaveSession(id, session.epoch);
      return good.adoptSession(id, owner);
    },
  }),
  'rescues from the living': (good) => ({
    async rescue(limit) {
      await good.removeOwner('host-1' as never);
      await good.removeOwner('host-2' as never);
      return good.rescue(limit);
    },
  }),
  'lists ended sessions, and those of others, as coordinated': (good) => ({
    listCoordinated: async () => good.listSessions({ limit: 100 }),
  }),
  'records two live sessions of one key': (good) => ({
    createSession: (session) => good.createSession({ ...session, key: `${session.key}:${session.id}` }),
  }),
  'ends a page of outputs within a batch': (good) => ({
    listOutputs: async (filter) => (await good.listOutputs(filter)).slice(0, filter.limit),
  }),
  'lists outputs as they came': (good) => ({
    listOutputs: async (filter) => [...(await good.listOutputs(filter))].reverse(),
  }),
  'keeps the very lists that it is given': (good) => {
    let given: readonly number[] | null = null;
    return {
      commit(commit) {
        for (const { writes } of commit.sessions) for (const { output } of writes ?? []) given = output?.places ?? given;
        return good.commit(commit);
      },
      listOutputs: async (filter) => (await good.listOutputs(filter)).map((row) => ({ ...row, places: given })),
    };
  },
  'counts completed items twice': (good) =>
    answering(good, ({ counts, ...answer }) => ({
      ...answer,
      counts: { ...counts, items: { ...counts.items, completed: counts.items.completed * 2 } },
    })),
  'answers the lowest number ever open': (good) => answering(good, (answer) => ({ ...answer, lowestOpen: 0 })),
  'does not say when waiting batches are due': (good) => answering(good, (answer) => ({ ...answer, nextDueAt: null })),
  'says done for every write': (good) => answering(good, (answer) => ({ ...answer, written: answer.written.map(() => true) })),
  'numbers no events': (good) => answering(good, (answer) => ({ ...answer, eventNumber: 0 })),
  'claims waiting batches at once': (good) => rewritingWrites(good, async (_, { retryInMs: __, ...write }) => write),
  'prunes what ended just now': (good) => ({
    prune: (filter) => good.prune(filter.overdue ? filter : { ...filter, endedBefore: filter.endedBefore + 1 }),
  }),
  'keeps the newest reason to cancel, from ended sessions too': (good) => {
    const reasons = new Map<string, string>();
    return {
      async requestSession(id, request) {
        if (request.cancelReason) reasons.set(id, request.cancelReason);
        return good.requestSession(id, request);
      },
      async getSession(id) {
        const session = await good.getSession(id);
        return session && { ...session, cancelReason: reasons.get(id) ?? session.cancelReason };
      },
    };
  },
  'takes its time from the machine, even backwards': (good, clock) => ({
    commit: async (commit) => ({ ...(await good.commit(commit)), now: clock.now() }),
  }),
  'pages dead letters by number': (good) => ({
    listDeadLetters: async (filter) =>
      (await good.listDeadLetters({ ...filter, ...allOf })).filter(({ number }) => number >= filter.after).slice(0, filter.limit),
  }),
  'groups failures by message alone': (good) => ({
    groupFailures: async (id, limit) =>
      (await good.groupFailures(id, 99)).map((group) => ({ ...group, category: 'error' as const })).slice(0, limit),
  }),
  'never deletes what is overdue': (good) => ({
    prune: async (filter) => (filter.overdue ? 0 : good.prune(filter)),
  }),
  'deletes what is to be kept for ever': (good) => ({
    prune: async (filter) => good.prune(filter.overdue ? { limit: filter.limit, endedBefore: (await good.now()) + 1 } : filter),
  }),
  'knows only crashes of batches that are crashed now': (good) => ({
    query: async (name, filter) => {
      const answer = await good.query(name, filter);
      const isBatches = name === 'crashed' && Array.isArray(answer);
      return isBatches ? (answer.filter(({ state }) => state.startsWith('crashed')) as typeof answer) : answer;
    },
  }),
  'looks through all time': (good) => ({
    query: (name, filter) => good.query(name, 'since' in filter ? { ...filter, since: 0 } : filter),
  }),
};
