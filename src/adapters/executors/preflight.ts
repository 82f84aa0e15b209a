import { MessageChannel } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import { type ErrorInfo, MillraceError } from '../../model/errors.ts';
import type { WorkShape } from '../../model/executor.ts';
import type { WorkSource } from '../../model/work.ts';
import { prepareMs } from '../worker/limits.ts';
import type { Request } from '../worker/wire.ts';
import { isErrorInfo } from './check-replies.ts';

/**
 * Loads a work in a thread, so that its module can do no harm to the host.
 *
 * @throws MillraceError `WORK_MODULE` with the recorded error as its cause.
 */
export async function preflight(
  pool: Piscina,
  source: Extract<WorkSource, { type: 'module' }>,
  signal: AbortSignal,
): Promise<WorkShape> {
  const { port1: port, port2 } = new MessageChannel();
  const kill = new AbortController();
  let failure: ErrorInfo | undefined;
  const fail = (why: unknown): void => kill.abort(why);
  // An import that never ends (a top-level await) must not hold up a start for ever.
  const timer = setTimeout(() => fail(new Error(`It was not loaded within ${prepareMs / 1_000} s.`)), prepareMs);
  const giveUp = (): void => fail(signal.reason);
  port.on('message', (answer: unknown) => {
    const error: unknown = (answer as { error?: unknown } | null)?.error;
    if (isErrorInfo(error)) failure = error;
    fail(new Error('The worker could not load it.'));
  });
  port.unref();
  pool.once('error', fail);
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    const request: Request = { type: 'load', source, port: port2 };
    return shapeIn(await pool.run(request, { transferList: [port2], signal: kill.signal }));
  } catch (thrown) {
    if (failure) throw new MillraceError('WORK_MODULE', failure.message, { cause: failure });
    const cause: unknown = kill.signal.reason ?? thrown;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new MillraceError('WORK_MODULE', `The work module ${source.url} can't be loaded: ${why}`, { cause });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
    pool.off('error', fail);
    port.close();
  }
}

function shapeIn(answer: unknown): WorkShape {
  const shape = (answer as { shape?: Partial<WorkShape> } | null | undefined)?.shape;
  const kind = shape?.kind;
  if ((kind === 'each' || kind === 'chunk') && typeof shape?.reads === 'boolean') return { kind, reads: shape.reads };
  throw new Error('The worker gave an answer that makes no sense.');
}
