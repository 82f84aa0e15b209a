import type { SessionView } from '../../engine/api/session.ts';

/**
 * Whether the total of items is all there are. Where workers read the input themselves, and while a source is being read,
 * it is only what was found so far: every item that is known has ended, and the session has not.
 */
export function itemsKnown({ status, counts: { items } }: Pick<SessionView, 'status' | 'counts'>): boolean {
  const isOpen = status === 'pending' || status === 'running' || status === 'crashed';
  return !(isOpen && items.completed + items.failed + items.cancelled >= items.total);
}
