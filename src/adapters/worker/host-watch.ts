import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/**
 * Makes this process die with its host, whatever it is doing, and holds the lock that dies with it.
 *
 * Both are done by a thread of their own with its own loop: the main one may be busy for ever. When the host is gone, its end
 * of the pipe is closed by the system, and the thread kills the process. `disconnect` events wait for the main loop; measured,
 * a busy child worked on for seconds after its host was killed.
 *
 * @param pipe - Number of the pipe that the host holds open.
 * @param lock - Path to listen at; '' for none. Whoever connects there is greeted, and knows that this process lives.
 * @returns once the pipe is watched and the lock is held. Rejects when the lock can't be had: the host's folder is gone, and so is the host.
 */
export async function watchHost(pipe: number, lock: string): Promise<void> {
  // Without the loader of the main thread (`execArgv`), which would take ten times as long to start as the thread itself.
  const thread = new Worker(watch, { eval: true, execArgv: [], env: {}, workerData: { pipe, lock } });
  thread.unref();
  const [failure] = (await once(thread, 'message')) as [string];
  if (failure !== '') throw new Error(`The lock ${lock} can't be held: ${failure}`);
}

/** Text, since a file of its own would be TypeScript while running from sources, and a thread without a loader reads none. */
const watch = `
const { createServer, Socket } = require('node:net');
const { parentPort, workerData: { pipe, lock } } = require('node:worker_threads');
const die = () => process.kill(process.pid, 'SIGKILL');
const host = new Socket({ fd: pipe, writable: false });
host.on('end', die).on('error', die).on('close', die).resume();
if (lock === '') parentPort.postMessage('');
else createServer((asking) => asking.on('error', () => undefined).end('!', () => asking.destroy()))
  .on('error', (error) => parentPort.postMessage(error.message))
  .listen(lock, () => parentPort.postMessage(''));
`;
