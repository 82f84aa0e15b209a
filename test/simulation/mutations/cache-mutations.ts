import { type Mutation, planted } from './mutation.ts';

const settleCached = 'src/engine/run/settle-cached.ts';

/** What may go wrong with outputs that sessions leave for the next ones. */
export const cacheMutations: readonly Mutation[] = [
  planted(
    'what a batch gave is cached though it gave items up',
    settleCached,
    'reply.error || reply.failures.length > 0 || !isWhole(one.batch)',
    'reply.error || !isWhole(one.batch)',
  ),
  planted(
    'a part of what a batch gave is cached as all of it',
    settleCached,
    "return !remaining && (run === null || (run.type === 'whole' && run.places === null));",
    'return remaining !== undefined && run !== undefined;',
  ),
  planted('what was counted is not cached', settleCached, ', ...(counters && { counters }) };', ' };'),
  planted('what is found is taken for the first of the group', settleCached, 'found[index] ?? null', 'found[0] ?? null'),
];
