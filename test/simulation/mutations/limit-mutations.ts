import { type Mutation, planted } from './mutation.ts';

/** What may go wrong with rates, seats and notifications. */
export const limitMutations: readonly Mutation[] = [
  planted(
    'a rate lets everything through',
    'src/adapters/stores/rate-window.ts',
    'if (countOf(startsOf(name)) < limit) return true;',
    'if (countOf(startsOf(name)) >= 0) return true;',
  ),
  planted(
    'starts leave their window too early',
    'src/adapters/stores/rate-window.ts',
    'return Math.ceil(now / step) * step + Math.ceil(perMs);',
    'return Math.ceil(now / step) * step + Math.ceil(perMs / 2);',
  ),
  planted(
    'nobody asks again for what a rate held back',
    'src/engine/live/rate.ts',
    '  arm(session, rate);\n  return refused.filter',
    '  return refused.filter',
  ),
  planted(
    'a session takes a seat that is taken',
    'src/adapters/stores/memory/seats.ts',
    'return taken < seat.limit;',
    'return taken <= seat.limit;',
  ),
  planted('nobody asks again for a seat', 'src/engine/session/seat.ts', '    await seatLeft(session);\n', '    return false;\n'),
  planted(
    'a notification that nobody heard counts as delivered',
    'src/engine/notify/notify.ts',
    "  if (!failure) return store.settleNotification({ id, owner: taker, to: 'delivered' });",
    "  if (tries > 0) return store.settleNotification({ id, owner: taker, to: 'delivered' });",
  ),
  planted(
    'only good endings are told',
    'src/adapters/stores/memory/session-methods.ts',
    'if (isEndedSession(move.to)) notifyEnding(state, entry);',
    "if (move.to === 'completed') notifyEnding(state, entry);",
  ),
  planted(
    'what a dead host was telling is told by nobody',
    'src/adapters/stores/memory/notification-methods.ts',
    ' || state.isAlive(row.owner, now)) continue;',
    ' || row.owner !== null) continue;',
  ),
];
