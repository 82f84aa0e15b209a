import { once } from 'node:events';
import { createServer } from 'node:net';
import { hostLock, lockPath } from './lock-path.ts';

/** What a living owner says to whoever connects. */
const greeting = '!';

/**
 * Holds the lock of a host: a socket that listens as long as the process lives, and not a moment longer.
 * It does not keep the process alive.
 *
 * @returns lets go of it.
 */
export async function holdHostLock(folder: string): Promise<() => void> {
  const server = createServer((asking) => {
    asking.on('error', () => undefined).unref();
    asking.end(greeting, () => asking.destroy());
  });
  server.listen(lockPath(folder, hostLock)).unref();
  await once(server, 'listening');
  server.on('error', () => undefined);
  return () => void server.close();
}
