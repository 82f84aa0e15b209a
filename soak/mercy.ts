import type { HistoryTail } from './history-tail.ts';

/**
 * How often a session was taken on, at most, since anything in it ended: the session that has waited longest for that.
 *
 * A session whose hosts die five times in a row with nothing cut or ended in between fails as `HOST_KILLER`: nobody can tell a kill from
 * outside from a source that kills. A soak that wants every session to complete lets something end first.
 */
export function takeoversInVain(tail: HistoryTail): number {
  const inVain = new Map<string, number>();
  for (const line of tail.lines()) {
    if (line.type === 'adopting') inVain.set(line.session, (inVain.get(line.session) ?? 0) + 1);
    if (line.type === 'ended' || line.type === 'answered') inVain.delete(line.session);
    if (line.type === 'settled' && line.to !== 'pending' && line.to !== 'cancelled') inVain.delete(line.session);
  }
  return Math.max(0, ...inVain.values());
}
