import { type Mutation, planted } from './mutation.ts';

const engine = 'src/engine';

/** What the search for poison may get wrong, and what follows for neighbours. */
export const isolationMutations: readonly Mutation[] = [
  planted(
    'split off by one: the first suspect is passed over',
    `${engine}/run/isolate.ts`,
    'place >= from && place < to);',
    'place > from && place < to);',
  ),
  planted(
    'split off by one: the item behind the survivors is passed over',
    `${engine}/run/isolate.ts`,
    'place > last && place < isolation.to',
    'place > last + 1 && place < isolation.to',
  ),
  planted(
    'an item is given up though it did not fail alone',
    `${engine}/run/isolate.ts`,
    'if (ran.length === 1 && only !== undefined)',
    'if (only !== undefined)',
  ),
  planted(
    'the noted item is given up without a trial',
    `${engine}/run/isolate.ts`,
    '  return { phase, ...spanOf(suspects), noted: inHand, size: 0, deadInSight, dead, survived, error };',
    "  if (inHand !== null) return { phase: 'rest', ...spanOf(suspects), noted: null, size: 0, deadInSight, dead: [...dead, inHand], survived, error };\n  return { phase, ...spanOf(suspects), noted: inHand, size: 0, deadInSight, dead, survived, error };",
  ),
  planted('suspects do not run alone', `${engine}/queue/fill.ts`, "  if (fate === 'alone') return 1;\n", ''),
  planted(
    'what was seen dead is seen all the same',
    `${engine}/run/batch-run.ts`,
    'before: before.filter(living(-before.length))',
    'before',
  ),
  planted(
    'neighbours of the dead do not run again',
    `${engine}/run/neighbours.ts`,
    '  if (reopen.length === 0) return settled;\n',
    '  if (reopen.length >= 0) return settled;\n',
  ),
  planted(
    'a run that saw an item that died meanwhile counts',
    `${engine}/run/settle.ts`,
    '  if (hasSeenDead(session, batch)) return settleOvertaken(batch, now);\n',
    '  void hasSeenDead;\n  void settleOvertaken;\n',
  ),
  planted(
    'what a probe returned counts',
    `${engine}/run/settle.ts`,
    "if (batch.run?.type === 'probe') return settleSurvival(session, batch, now, { ...read, ms: reply.ms });",
    "if (batch.run?.type === 'probe' && batch.number < 0) return settleSurvival(session, batch, now, { ...read, ms: reply.ms });",
  ),
  planted(
    'the dead of earlier hosts are forgotten',
    `${engine}/session/begin.ts`,
    '      await restoreDead(session);\n',
    '      void restoreDead;\n',
  ),
];
