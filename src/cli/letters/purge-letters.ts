import type { LetterQuery } from '../../engine/api/session.ts';
import { MillraceError } from '../../model/errors.ts';
import type { SessionId } from '../../model/ids.ts';
import { isEndedSession } from '../../model/moves.ts';
import type { Store } from '../../model/store.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { number } from '../terminal/words.ts';

/** Deletes letters of a session that has ended. @throws MillraceError `SESSION_LIVE` */
export async function purgeLetters(
  terminal: Terminal,
  store: Store,
  sessionId: SessionId,
  which: readonly LetterQuery[],
): Promise<void> {
  const record = await store.getSession(sessionId);
  if (record && !isEndedSession(record.state)) {
    throw new MillraceError('SESSION_LIVE', `Session ${sessionId} has not ended: its letters belong to a run that goes on.`);
  }
  let purged = 0;
  for (const query of which) purged += await store.purgeDeadLetters({ ...query, sessionId });
  terminal.answer(
    { sessionId, purged },
    () => `${number(purged)} dead ${purged === 1 ? 'letter was' : 'letters were'} deleted.\n`,
  );
}
