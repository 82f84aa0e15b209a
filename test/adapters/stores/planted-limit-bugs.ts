import type { ClaimRequest, SessionCommit, Store } from '../../../src/model/store.ts';
import { answering, type PlantBug, rewriting } from './plant-bug.ts';

/** Changes the rate of each claim. */
function rating(
  good: Store,
  change: (rate: NonNullable<ClaimRequest['rate']>, part: SessionCommit) => ClaimRequest['rate'],
): Partial<Store> {
  return rewriting(good, async (part) => {
    const { claim } = part;
    if (!claim?.rate) return part;
    const { rate, ...rest } = claim;
    const changed = change(rate, part);
    return { ...part, claim: { ...rest, ...(changed && { rate: changed }) } };
  });
}

/** Changes what is recorded with a session. */
function recording(good: Store, change: (session: Parameters<Store['createSession']>[0]) => object): Partial<Store> {
  return { createSession: (session) => good.createSession({ ...session, ...change(session) }) };
}

/** What stores get wrong about rates, seats and notifications. */
export const plantedLimitBugs: Readonly<Record<string, PlantBug>> = {
  'does not look at rates': (good) => rating(good, () => undefined),
  'lets one more through than a rate allows': (good) => rating(good, (rate) => ({ ...rate, limit: rate.limit + 1 })),
  'forgets starts half a window too early': (good) => rating(good, (rate) => ({ ...rate, perMs: rate.perMs / 2 })),
  'counts starts session by session': (good) =>
    rating(good, (rate, { sessionId }) => ({ ...rate, buckets: rate.buckets.map((bucket) => `${sessionId}${bucket}`) })),
  'counts all names of a rate together': (good) =>
    rating(good, (rate) => ({ ...rate, buckets: rate.buckets.map(() => 'sum\n') })),
  'does not say that a rate holds something': (good) => answering(good, ({ held: _, ...answer }) => answer),
  'counts what was asked for, whether it was claimed or not': (good) => {
    const asked = new Map<string, number>();
    return rating(good, (rate) => {
      const [bucket = ''] = rate.buckets;
      const before = asked.get(bucket) ?? 0;
      asked.set(bucket, before + rate.buckets.length);
      return { ...rate, limit: Math.max(1, rate.limit - before) };
    });
  },
  'does not look at seats': (good) => recording(good, () => ({ seat: undefined })),
  'gives one seat too many': (good) => recording(good, ({ seat }) => (seat ? { seat: { ...seat, limit: seat.limit + 1 } } : {})),
  'gives a seat to whoever asks first': (good) => ({
    async moveSession(move) {
      const session = move.from === 'pending' ? await good.getSession(move.id) : undefined;
      if (!session?.seat) return good.moveSession(move);
      const waiting = await good.listSessions({ seatKey: session.seat.key, states: ['pending'], limit: 99 });
      for (const { id } of waiting) if (id !== move.id) await good.requestSession(id, { paused: true });
      const answer = await good.moveSession(move);
      for (const { id, paused } of waiting) if (id !== move.id) await good.requestSession(id, { paused });
      return answer;
    },
  }),
  'frees the seat of a session whose host died': (good) => ({
    async moveSession(move) {
      const session = move.from === 'pending' ? await good.getSession(move.id) : undefined;
      if (!session?.seat) return good.moveSession(move);
      const orphans = await good.listSessions({ seatKey: session.seat.key, orphaned: true, limit: 99 });
      const holder = orphans.find(({ state }) => state.startsWith('running'));
      if (holder) await good.moveSession({ id: holder.id, epoch: holder.epoch, from: holder.state, to: 'cancelled' });
      return good.moveSession(move);
    },
  }),
  'notifies of sessions that nobody asked about': (good) => recording(good, () => ({ notifies: true })),
  'notifies of nothing': (good) => recording(good, () => ({ notifies: undefined })),
  'hands the same notification to two owners': (good) => ({
    async takeNotifications({ owner, limit }) {
      const taken = await good.takeNotifications({ owner, limit });
      const others = await good.query('notifications', { state: 'waiting', limit });
      return taken.length > 0 ? others : taken;
    },
  }),
  'forgets a notification when it is handed out': (good) => ({
    async takeNotifications({ owner, limit }) {
      const taken = await good.takeNotifications({ owner, limit });
      for (const { notification } of taken) await good.settleNotification({ id: notification.id, owner, to: 'delivered' });
      return taken;
    },
  }),
  'does not look who settles a notification': (good, clock) => {
    const takers = new Map<string, Parameters<Store['settleNotification']>[0]['owner']>();
    return {
      async takeNotifications(take) {
        const taken = await good.takeNotifications(take);
        for (const { notification } of taken) takers.set(notification.id, take.owner);
        return taken;
      },
      settleNotification: (settle) =>
        good.settleNotification({ ...settle, owner: (clock.now() > 0 && takers.get(settle.id)) || settle.owner }),
    };
  },
  'tries a notification again at once': (good) => ({
    settleNotification: (settle) => good.settleNotification({ ...settle, inMs: 0 }),
  }),
  'throws away what could not be delivered': (good) => ({
    settleNotification: (settle) =>
      good.settleNotification(settle.to === 'undelivered' ? { ...settle, to: 'delivered' } : settle),
  }),
  'tells of the same trouble again and again': (good) => ({
    async noteAlert(alert) {
      if (alert.message !== null) await good.noteAlert({ ...alert, message: null });
      return good.noteAlert(alert);
    },
  }),
  'never tells of trouble that comes back': (good) => ({
    noteAlert: async (alert) => (alert.message === null ? false : good.noteAlert(alert)),
  }),
  'counts ended sessions as waiting': (good) => ({
    async query(name, filter) {
      const answer = await good.query(name, filter);
      if (name !== 'depth') return answer;
      const ended = (await good.listSessions({ states: ['cancelled'], limit: 9 })).map(({ job }) => ({ job, sessions: 1 }));
      return [...(answer as readonly object[]), ...ended] as never;
    },
  }),
};
