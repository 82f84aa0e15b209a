import { MillraceError } from '../../model/errors.ts';
import { decidingSide, type StageRecord } from '../../model/replica.ts';
import type { Store } from '../../model/store.ts';

/**
 * Refuses a write to a store of a pair that does not decide, or that is on its way to another stage.
 *
 * @throws MillraceError `SHADOW_STAGE`.
 */
export function checkAuthority(stage: StageRecord | undefined): void {
  if (!stage) return;
  if (stage.moving !== null) {
    const change = `from the stage ${stage.stage} to ${stage.moving}`;
    throw new MillraceError(
      'SHADOW_STAGE',
      `This store is one of a pair on its way ${change}. Wait until it is there; if the change was interrupted, make it again.`,
    );
  }
  if (decidingSide(stage.stage) === stage.side) return;
  throw new MillraceError(
    'SHADOW_STAGE',
    `This is the ${stage.side} store of a pair in the stage ${stage.stage}, in which the other one decides. Use both with shadow(), or the other.`,
  );
}

/** What people and timers may write without being an owner. */
type AnyonesWrites = Pick<
  Store,
  'requestSession' | 'purgeDeadLetters' | 'prune' | 'pruneCache' | 'saveSchedule' | 'removeSchedule' | 'noteAlert'
>;

/** These methods, each refused while the store does not decide. Owners are refused when they register. */
export function checkingAuthority(store: AnyonesWrites, check: () => void): AnyonesWrites {
  const checked =
    <Arguments extends readonly unknown[], Answer>(method: (...given: Arguments) => Promise<Answer>) =>
    async (...given: Arguments): Promise<Answer> => {
      check();
      return method(...given);
    };
  return {
    requestSession: checked(store.requestSession),
    purgeDeadLetters: checked(store.purgeDeadLetters),
    prune: checked(store.prune),
    pruneCache: checked(store.pruneCache),
    saveSchedule: checked(store.saveSchedule),
    removeSchedule: checked(store.removeSchedule),
    noteAlert: checked(store.noteAlert),
  };
}
