import type { Store } from '../src/model/store.ts';
import type { Note } from './history.ts';

/** A store that notes what it has answered to this host: what was acknowledged may not be lost or replaced. */
export function observed(store: Store, note: Note): Store {
  return {
    ...store,
    async registerOwner(owner, leaseMs) {
      const record = await store.registerOwner(owner, leaseMs);
      note({ type: 'owner', owner });
      return record;
    },
    async renewOwner(owner, leaseMs) {
      const record = await store.renewOwner(owner, leaseMs);
      if (!record) note({ type: 'lost', owner });
      return record;
    },
    async createSession(session) {
      const answer = await store.createSession(session);
      const { id, key } = answer.session;
      note({ type: 'created', session: id, key, answer: answer.type });
      return answer;
    },
    async adoptSession(session, owner) {
      note({ type: 'adopting', session });
      const adopted = await store.adoptSession(session, owner);
      if (adopted) note({ type: 'adopted', session: adopted.id, epoch: adopted.epoch });
      return adopted;
    },
    async moveSession(move) {
      const answer = await store.moveSession(move);
      if (answer.moved && answer.session?.endedAt) note({ type: 'ended', session: move.id, state: answer.session.state });
      return answer;
    },
    async commit(commit) {
      for (const { sessionId: session, claim } of commit.sessions) {
        if (claim?.numbers) note({ type: 'claiming', session, batches: claim.numbers });
      }
      const answer = await store.commit(commit);
      for (const [index, { sessionId: session, writes = [] }] of commit.sessions.entries()) {
        const written = answer.sessions[index]?.written ?? [];
        for (const [place, { number: batch, to, token }] of writes.entries()) {
          if (written[place] && token !== undefined) note({ type: 'settled', session, batch, to, token });
        }
      }
      return answer;
    },
  };
}
