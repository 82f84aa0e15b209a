import type { Clock } from '../../../../src/model/clock.ts';
import type { Replica } from '../../../../src/model/replica.ts';
import type { Store } from '../../../../src/model/store.ts';
import { randomOf } from './script.ts';

/** A store that takes copies slowly, and often fails: with half of the failures it has done what it was asked. */
export function flaky(
  store: Store,
  { clock, takesMs, failsIn10 }: { clock: Clock; takesMs: number; failsIn10: number },
): Store & { calls(): number; failed(): number } {
  const random = randomOf(7);
  let calls = 0;
  let failed = 0;
  const slowly =
    <Given extends readonly unknown[], Answer>(method: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> => {
      calls++;
      const fate = random(20);
      await new Promise<void>((resolve) => clock.after(takesMs, resolve));
      if (fate >= failsIn10 * 2) return method(...given);
      failed++;
      if (fate % 2 === 0) await method(...given);
      throw new Error('the connection is gone');
    };
  const inner = store.replica as Replica;
  const { list, absent, read, write } = inner;
  const replica: Replica = { ...inner, list: slowly(list), absent: slowly(absent), read: slowly(read), write: slowly(write) };
  return { ...store, replica, calls: () => calls, failed: () => failed };
}
