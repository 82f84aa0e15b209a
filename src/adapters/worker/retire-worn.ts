import { errorInfo } from '../../model/error-info.ts';
import type { GroupPort } from './group-port.ts';
import type { Resources } from './resources.ts';

/** How long all teardowns together may take. */
const teardownMs = 2_000;

/** Ends a worker's service after a group: its answers first, then its teardowns, then its last word. */
export async function retireWorn(port: GroupPort, resources: Resources): Promise<void> {
  port.flush();
  for (const thrown of await Promise.race([resources.teardown(), late()])) {
    port.log.error({ error: errorInfo(thrown) }, 'a teardown failed');
  }
  port.retire();
}

function late(): Promise<unknown[]> {
  return new Promise((resolve) => {
    setTimeout(() => resolve([new Error(`It did not end within ${teardownMs / 1_000} s.`)]), teardownMs).unref();
  });
}
