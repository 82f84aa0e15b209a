import type { SessionId } from '../../src/model/ids.ts';
import type { ClaimRequest, Commit, CommitAnswer } from '../../src/model/store.ts';
import type { World } from './world.ts';

/** Whether claims of this world reach the store a second time. By its seed alone, so that all other worlds stay what they were. */
export function hasLateClaims({ plan }: World): boolean {
  return plan.seed % 11 === 5;
}

/** The newest claim of each batch, as it was asked for. */
const asked = new WeakMap<World, Map<string, Commit>>();

/**
 * A claim whose sender had given it up arrives late: behind one that the same batch was claimed with since, while that runs. It must
 * change nothing.
 *
 * @returns The late calls that the newest one makes possible.
 */
export function lateClaims(world: World, { owner, sessions }: Commit, answer: CommitAnswer): readonly Commit[] {
  const known = asked.get(world) ?? new Map<string, Commit>();
  asked.set(world, known);
  return sessions.flatMap((part, index) =>
    (answer.sessions[index]?.claimed ?? []).flatMap(({ number, token }) => {
      const name = `${part.sessionId} ${number}`;
      const before = known.get(name);
      const claim: ClaimRequest = { tokens: token === null ? [] : [token], numbers: [number] };
      known.set(name, { owner, sessions: [{ sessionId: part.sessionId, epoch: part.epoch, claim }] });
      return before ? [before] : [];
    }),
  );
}

/** Whether what a late claim asks for runs under another one. */
export function isTaken({ mirror }: World, { sessions: [part] }: Commit): boolean {
  const [number] = part?.claim?.numbers ?? [];
  const batch = number === undefined ? undefined : mirror.session(part?.sessionId as SessionId)?.batches[number];
  return batch?.state === 'running' && !part?.claim?.tokens.some((token) => token === batch.token);
}
