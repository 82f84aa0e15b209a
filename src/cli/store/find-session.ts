import type { SessionView } from '../../engine/api/session.ts';
import { listViews } from '../../engine/start/stored-sessions.ts';
import { MillraceError } from '../../model/errors.ts';
import type { Store } from '../../model/store.ts';
import { UsageError } from '../arguments/usage-error.ts';

/**
 * The session that a word on the command line means: the newest when there is none, else the one whose id begins with it.
 *
 * @throws MillraceError `SESSION_NOT_FOUND`; UsageError when several begin so.
 */
export async function findSession(store: Store, storeName: string, word: string | undefined): Promise<SessionView> {
  const found: SessionView[] = [];
  for await (const view of listViews(store, {})) {
    if (word === undefined) return view;
    if (view.id.startsWith(word)) found.push(view);
  }
  const [first, second] = found;
  if (first && second) throw new UsageError(`${found.length} sessions of ${storeName} begin with ${word}: give more of the id.`);
  if (first) return first;
  const what = word === undefined ? 'no sessions' : `no session ${word}`;
  throw new MillraceError('SESSION_NOT_FOUND', `${storeName} has ${what}; millrace sessions ${storeName} lists what is there.`);
}
