import { redactValue } from '../../model/redact.ts';
import { defineCommand } from '../arguments/command.ts';
import { wholeNumber } from '../arguments/options.ts';
import { exitCodes } from '../exit-code.ts';
import { describeSession } from '../show/describe-session.ts';
import { sessionText } from '../show/session-text.ts';
import { findSession } from '../store/find-session.ts';
import { existingStore } from '../store/store-place.ts';

/** `millrace show`: all that a store knows about one session. */
export const command = defineCommand({
  name: 'show',
  summary: 'Shows one session: how it stands, what failed and why, and when its batches ran.',
  operands: 'STORE [SESSION]',
  minOperands: 1,
  maxOperands: 2,
  options: { limit: wholeNumber('N', 1, 1_000_000, 'At most so many failing batches and dead letters (default 20)') },
  notes: ['SESSION is an id or its beginning; without it the newest session is shown.'],
  examples: ['millrace show tracks', 'millrace show sqlite:runs.db 4f1c --json', 'millrace show counts --limit 1000'],
  async run({ operands: [name = '', word], options, terminal }) {
    const store = existingStore(name);
    await store.open();
    try {
      const view = await findSession(store, name, word);
      const description = redactValue(await describeSession(store, view, options.limit ?? 20));
      terminal.answer(description, () => sessionText(description));
      return exitCodes.complete;
    } finally {
      await store.close();
    }
  },
});
