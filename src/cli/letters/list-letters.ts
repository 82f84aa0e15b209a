import type { LetterQuery } from '../../engine/api/session.ts';
import type { SessionId } from '../../model/ids.ts';
import { normalMessage } from '../../model/normal-message.ts';
import type { DeadLetter } from '../../model/outcome.ts';
import { redactValue } from '../../model/redact.ts';
import type { Store } from '../../model/store.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { brief, moment, table } from '../terminal/words.ts';

/** Lists letters in input order. */
export async function listLetters(
  terminal: Terminal,
  store: Store,
  sessionId: SessionId,
  which: readonly LetterQuery[],
  limit: number,
): Promise<void> {
  const found: DeadLetter[] = [];
  for (const query of which) found.push(...(await store.listDeadLetters({ ...query, sessionId, after: 0, limit })));
  found.sort((left, right) => left.number - right.number || left.place - right.place);
  const shown = redactValue(found.slice(0, limit));
  terminal.answer(shown, () =>
    shown.length === 0 ? `Session ${sessionId} has no such dead letters.\n` : table([heading, ...shown.map(row)]),
  );
  if (found.length >= limit) terminal.note(`At most ${limit} are shown; --limit shows more.`);
}

const heading = ['ITEM', 'ITEMS', 'BATCH', 'ATTEMPTS', 'DIED (UTC)', 'ERROR', 'GROUP'];

function row({ itemId, items, number, attempts, at, error }: DeadLetter): string[] {
  const normal = normalMessage(error.message);
  return [
    brief(itemId, 60),
    String(items),
    String(number),
    String(attempts),
    moment(at),
    `${error.category}: ${brief(error.message)}`,
    brief(normal),
  ];
}
