import type { EnginePorts } from './ports.ts';

/** Batches of dead hosts that are rescued at once. */
const page = 1_000;

/** Takes back every claim whose owner is dead: what they were of is decided by whoever coordinates its session. */
export async function rescueAll({ store, persist }: Pick<EnginePorts, 'store' | 'persist'>): Promise<void> {
  while ((await persist(() => store.rescue(page))) === page);
}
