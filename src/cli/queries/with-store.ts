import type { Store } from '../../model/store.ts';
import { existingStore } from '../store/store-place.ts';

/** Opens the store that STORE means, looks into it, and closes it. @throws UsageError when there is none. */
export async function withStore<T>(name: string, look: (store: Store) => Promise<T>): Promise<T> {
  const store = existingStore(name);
  await store.open();
  try {
    return await look(store);
  } finally {
    await store.close();
  }
}
