import { connect } from 'node:net';

/** Whether a lock has a living owner. `absent`: there is no such lock. */
export type LockState = 'held' | 'free' | 'absent';

/** How long the owner may take to greet. A blocked or stopped one does not, and lives all the same. */
const greetMs = 250;

/**
 * Asks for a lock's owner. A connection alone proves nothing: of a process that is just dying, one file is closed after the
 * other. So the owner's greeting is waited for, or its end: a dying one breaks the connection, a blocked one leaves it open.
 */
export function probeLock(path: string): Promise<LockState> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const timer = setTimeout(() => end('held'), greetMs);
    const end = (state: LockState): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(state);
    };
    socket.once('data', () => end('held'));
    socket.once('end', () => end('free'));
    socket.on('error', (error: NodeJS.ErrnoException) => end(stateOf(error.code)));
  });
}

/** Any other error (a full backlog, no permission) says that there is something that we can't ask. */
function stateOf(code: string | undefined): LockState {
  if (code === 'ENOENT') return 'absent';
  return code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EPIPE' ? 'free' : 'held';
}
