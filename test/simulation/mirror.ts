import type { OwnerId, SessionId } from '../../src/model/ids.ts';
import type { BatchRecord, SessionRecord } from '../../src/model/records.ts';
import type { Store } from '../../src/model/store.ts';

/** One session as the store has it. */
export interface SessionImage {
  readonly record: SessionRecord;
  readonly batches: readonly BatchRecord[];
}

/** What the store holds, to be looked at at any moment without asking. */
export interface Mirror {
  session(id: SessionId): SessionImage | undefined;
  sessions(): Iterable<SessionImage>;
  /** Looks at a session anew. Answers what was seen before. */
  look(id: SessionId): Promise<{ before: SessionImage | undefined; after: SessionImage | undefined }>;
  noteLease(owner: OwnerId, until: number | undefined): void;
  /** Whether an owner's lease holds, by the store's clock. */
  isAlive(owner: OwnerId | null | undefined): boolean;
  /** How long an owner's lease holds yet. */
  leaseLeft(owner: OwnerId): number;
  /** Whether it ran out, and was not given up. */
  hasLapsed(owner: OwnerId | undefined): boolean;
}

/** More batches than any simulated session has. */
const all = 1_000;

export function createMirror(store: Store, storeNow: () => number): Mirror {
  const images = new Map<SessionId, SessionImage>();
  const leases = new Map<OwnerId, number>();
  return {
    session: (id) => images.get(id),
    sessions: () => images.values(),
    async look(id) {
      const before = images.get(id);
      const record = await store.getSession(id);
      if (!record) {
        images.delete(id);
        return { before, after: undefined };
      }
      const after = { record, batches: await store.listBatches({ sessionId: id, limit: all }) };
      images.set(id, after);
      return { before, after };
    },
    noteLease(owner, until) {
      if (until === undefined) leases.delete(owner);
      else leases.set(owner, until);
    },
    hasLapsed: (owner) => owner !== undefined && (leases.get(owner) ?? Number.POSITIVE_INFINITY) <= storeNow(),
    leaseLeft: (owner) => Math.max(0, (leases.get(owner) ?? 0) - storeNow()),
    isAlive: (owner) => owner != null && (leases.get(owner) ?? 0) > storeNow(),
  };
}
