import type { Store } from '../../model/store.ts';
import { defineCommand } from '../arguments/command.ts';
import { text, wholeNumber } from '../arguments/options.ts';
import { executor, workers } from '../arguments/units.ts';
import { UsageError } from '../arguments/usage-error.ts';
import { exitCodes } from '../exit-code.ts';
import { lettersMeant } from '../letters/letters-meant.ts';
import { listLetters } from '../letters/list-letters.ts';
import { purgeLetters } from '../letters/purge-letters.ts';
import { replayLetters } from '../letters/replay-letters.ts';
import { withStore } from '../queries/with-store.ts';
import { findSession } from '../store/find-session.ts';

const actions = ['list', 'replay', 'purge'] as const;
type Action = (typeof actions)[number];

/** `millrace dead-letters`: what was given up, to be looked at, run again or deleted. */
export const command = defineCommand({
  name: 'dead-letters',
  summary: 'Lists the items that a session gave up, runs them again after a fix, or deletes them.',
  operands: 'STORE [SESSION] [list|replay|purge]',
  minOperands: 1,
  maxOperands: 3,
  options: {
    item: text('ID', 'Only the item with this id'),
    group: text('MESSAGE', 'Only those that failed so: as listed, numbers and ids do not count'),
    limit: wholeNumber('N', 1, 1_000_000, 'list: at most so many (default 100)'),
    job: text('JOB.ts', 'replay: the module of the job, for sessions of millrace run'),
    export: text('NAME', 'replay: which of its exported jobs'),
    out: text('DIR', 'replay: folder for result.json of millrace run (default STORE, when it is a folder)'),
    workers,
    executor,
  },
  notes: [
    'SESSION is an id or its beginning; without it the newest session is meant, and without an action they are listed.',
    'replay: only what was given up runs again; then the session is finalized anew. Input and job must be what they were.',
    'purge: what the letters stood for stays counted as failed, and can not be replayed any more.',
  ],
  examples: [
    'millrace dead-letters counts',
    "millrace dead-letters counts list --group 'row <n> is bad'",
    'millrace dead-letters counts 4f1c replay --job word-count.ts',
    'millrace dead-letters sqlite:runs.db purge --item line-22',
  ],
  async run({ operands, options, terminal }) {
    const [name = '', ...words] = operands;
    const { word, action } = readWords(words);
    const which = async (store: Store) => {
      const { id } = await findSession(store, name, word);
      return { id, letters: await lettersMeant(store, id, options) };
    };
    switch (action) {
      case 'list':
        return withStore(name, async (store) => {
          const { id, letters } = await which(store);
          await listLetters(terminal, store, id, letters, options.limit ?? 100);
          return exitCodes.complete;
        });
      case 'purge':
        return withStore(name, async (store) => {
          const { id, letters } = await which(store);
          await purgeLetters(terminal, store, id, letters);
          return exitCodes.complete;
        });
      case 'replay':
        return replayLetters({ terminal, name, options, find: which });
      default:
        return action satisfies never;
    }
  },
});

function readWords(words: readonly string[]): { readonly word: string | undefined; readonly action: Action } {
  const last = words.at(-1);
  const action = actions.find((one) => one === last);
  const rest = action ? words.slice(0, -1) : words;
  if (rest.length > 1) throw new UsageError(`There is no action ${rest[1]}; there are ${actions.join(', ')}.`);
  return { word: rest[0], action: action ?? 'list' };
}
