import { pruneSessions } from '../../engine/start/stored-sessions.ts';
import type { Store } from '../../model/store.ts';
import { defineCommand } from '../arguments/command.ts';
import { flag, text } from '../arguments/options.ts';
import { duration } from '../arguments/units.ts';
import { UsageError } from '../arguments/usage-error.ts';
import { exitCodes } from '../exit-code.ts';
import { withStore } from '../queries/with-store.ts';
import { findSession } from '../store/find-session.ts';
import { number } from '../terminal/words.ts';

/** `millrace prune`: deletes ended sessions, or what incremental ones have left. */
export const command = defineCommand({
  name: 'prune',
  summary:
    'Deletes ended sessions, with their batches, outputs and dead letters; or what incremental runs have left for the next.',
  operands: 'STORE',
  minOperands: 1,
  maxOperands: 1,
  options: {
    'older-than': duration('0ms', 'Those that ended longer ago, such as 7d'),
    session: text('SESSION', 'Only this one, if it has ended: an id or its beginning'),
    cached: flag(
      'Outputs that incremental runs have left, not sessions: all, or those not used for as long as --older-than says',
    ),
  },
  notes: [
    'One of the options is needed. Sessions that have not ended stay. The file keeps its size: new runs use the room.',
    'Deleted sessions take nothing along of what incremental runs have left: of each range the newest output stays, until --cached deletes it.',
  ],
  examples: [
    'millrace prune sqlite:runs.db --older-than 7d',
    'millrace prune tracks --session 4f1c',
    'millrace prune tracks --cached --older-than 90d',
  ],
  async run({ operands: [name = ''], options, terminal }) {
    const { 'older-than': olderThan, session, cached = false } = options;
    if (session === undefined ? olderThan === undefined && !cached : olderThan !== undefined || cached) {
      throw new UsageError('millrace prune needs either --older-than DURATION, --session SESSION, or --cached.');
    }
    const whichOf = async (store: Store): Promise<Parameters<typeof pruneSessions>[1]> => {
      if (cached) return { cache: olderThan === undefined ? {} : { unusedFor: olderThan } };
      return session === undefined ? { olderThan: olderThan ?? 0 } : { id: (await findSession(store, name, session)).id };
    };
    return withStore(name, async (store) => {
      const [one, many] = cached ? ['cached output was', 'cached outputs were'] : ['session was', 'sessions were'];
      const pruned = await pruneSessions(store, await whichOf(store));
      terminal.answer({ pruned }, () => `${number(pruned)} ${pruned === 1 ? one : many} deleted.\n`);
      return exitCodes.complete;
    });
  },
});
