import { cacheMutations } from './cache-mutations.ts';
import { engineMutations } from './engine-mutations.ts';
import { isolationMutations } from './isolation-mutations.ts';
import { limitMutations } from './limit-mutations.ts';
import type { Mutation } from './mutation.ts';
import { storeMutations } from './store-mutations.ts';

/** Every planted bug. */
export const mutations: readonly Mutation[] = [
  ...storeMutations,
  ...engineMutations,
  ...isolationMutations,
  ...cacheMutations,
  ...limitMutations,
];
