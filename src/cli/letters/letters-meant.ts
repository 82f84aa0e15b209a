import type { LetterQuery } from '../../engine/api/session.ts';
import type { SessionId } from '../../model/ids.ts';
import { normalMessage } from '../../model/normal-message.ts';
import type { Store } from '../../model/store.ts';
import { UsageError } from '../arguments/usage-error.ts';

/** Groups of failures that are compared with what the user wrote. */
const mostGroups = 100_000;

/**
 * Which letters `--item` and `--group` mean: one query for each message that says the same. All, when neither is given.
 *
 * @throws UsageError when nothing failed so.
 */
export async function lettersMeant(
  store: Store,
  sessionId: SessionId,
  { item, group }: { readonly item?: string; readonly group?: string },
): Promise<readonly LetterQuery[]> {
  const named = item === undefined ? {} : { itemId: item };
  if (group === undefined) return [named];
  const groups = await store.groupFailures(sessionId, mostGroups);
  const exact = groups.filter(({ message }) => message === group);
  const meant = exact.length > 0 ? exact : groups.filter(({ message }) => normalMessage(message) === normalMessage(group));
  if (meant.length === 0) {
    throw new UsageError(`Nothing in session ${sessionId} failed with ${JSON.stringify(group)}; list shows what did.`);
  }
  return meant.map(({ message, category }) => ({ ...named, group: { message, category } }));
}
