import { pruneSessions } from '../../engine/stored-sessions.ts';
import { defineCommand } from '../arguments/command.ts';
import { text } from '../arguments/options.ts';
import { duration } from '../arguments/units.ts';
import { UsageError } from '../arguments/usage-error.ts';
import { exitCodes } from '../exit-code.ts';
import { withStore } from '../queries/with-store.ts';
import { findSession } from '../store/find-session.ts';
import { number } from '../terminal/words.ts';

/** `millrace prune`: deletes ended sessions. */
export const command = defineCommand({
  name: 'prune',
  summary: 'Deletes ended sessions, with their batches, outputs and dead letters.',
  operands: 'STORE',
  minOperands: 1,
  maxOperands: 1,
  options: {
    'older-than': duration('0ms', 'Those that ended longer ago, such as 7d'),
    session: text('SESSION', 'Only this one, if it has ended: an id or its beginning'),
  },
  notes: ['One of the two options is needed. Sessions that have not ended stay. The file keeps its size: new runs use the room.'],
  examples: ['millrace prune sqlite:runs.db --older-than 7d', 'millrace prune tracks --session 4f1c'],
  async run({ operands: [name = ''], options, terminal }) {
    const { 'older-than': olderThan, session } = options;
    if ((olderThan === undefined) === (session === undefined)) {
      throw new UsageError('millrace prune needs either --older-than DURATION or --session SESSION.');
    }
    return withStore(name, async (store) => {
      const which = session === undefined ? { olderThan: olderThan ?? 0 } : { id: (await findSession(store, name, session)).id };
      const pruned = await pruneSessions(store, which);
      terminal.answer({ pruned }, () => `${number(pruned)} ${pruned === 1 ? 'session was' : 'sessions were'} deleted.\n`);
      return exitCodes.complete;
    });
  },
});
