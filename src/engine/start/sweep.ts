import { errorInfo } from '../../model/error-info.ts';
import { MillraceError } from '../../model/errors.ts';
import type { SessionId } from '../../model/ids.ts';
import type { Host } from '../host/host.ts';
import type { Resumer } from './resume.ts';

/** Looks for sessions that nobody has in memory. One look at a time: beats may come faster than it is done. Never rejects. */
export type Sweep = (lost?: readonly SessionId[]) => Promise<void>;

/**
 * On each beat of a host: takes back what it had when its lease ran out, whatever `resume` says, unless another host has it;
 * frees what the store says it coordinates and it does not have; and, with `resume: 'auto'`, takes on what dead hosts left.
 */
export function createSweep(parts: { host: Host; resumer: Resumer; resume: 'auto' | 'manual'; closed: AbortSignal }): Sweep {
  const { host, resumer, closed } = parts;
  const { store, logger, owner, refused$ } = host.ports;
  const lost = new Set<SessionId>();
  let sweeping: Promise<void> | undefined;

  const takeBack = async (): Promise<void> => {
    for (const id of lost) {
      // Its work has not let go of it yet, or somebody has asked for it meanwhile.
      if (host.live.has(id)) continue;
      const { refused } = await resumer.resumeAll({ id, held: true });
      lost.delete(id);
      const [refusal] = refused;
      // With 'auto' it is tried again, here and by others: whoever waits goes on waiting.
      if (refusal && parts.resume === 'manual') refused$.next({ id, error: lostFor(id, refusal.error) });
    }
  };
  const freeForgotten = async (): Promise<void> => {
    for (const { id, epoch } of await store.listCoordinated(owner())) {
      if (host.live.has(id) || host.arriving.has(id)) continue;
      logger.warn({ session: id }, 'this host coordinates a session that it does not have; it is given back');
      await store.leaveSession(id, epoch);
    }
  };
  const sweep = async (): Promise<void> => {
    try {
      if (closed.aborted) return;
      await takeBack();
      await freeForgotten();
      if (parts.resume === 'auto') await resumer.resumeAll({ held: false });
    } catch (error) {
      logger.error({ error: errorInfo(error).message }, 'sessions left behind could not be resumed');
    }
  };
  return (newlyLost = []) => {
    for (const id of newlyLost) lost.add(id);
    sweeping ??= sweep().finally(() => {
      sweeping = undefined;
    });
    return sweeping;
  };
}

function lostFor(id: SessionId, cause: MillraceError): MillraceError {
  const message = `This host lost its lease, and with it session ${id}, which it can't take on again: ${cause.message}`;
  return new MillraceError('ENGINE_CLOSED', message, { cause });
}
