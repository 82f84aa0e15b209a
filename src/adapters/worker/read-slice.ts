import type { Stream } from '../../model/work.ts';
import { isThenable } from './thenable.ts';

/** Reads a stream one by one. `wait` is asked for every promise, so that limits hold while reading, too. */
export async function* readOneByOne(
  stream: Stream<unknown>,
  wait: <T>(promise: PromiseLike<T>) => PromiseLike<T>,
): AsyncGenerator<unknown> {
  const iterator = Symbol.asyncIterator in stream ? stream[Symbol.asyncIterator]() : stream[Symbol.iterator]();
  let ended = false;
  try {
    for (;;) {
      const step = iterator.next();
      const { done, value } = isThenable(step) ? await wait(step) : step;
      ended = done === true;
      if (ended) return;
      yield value;
    }
  } catch (thrown) {
    // A stream that threw has ended by itself; one that is late must not be waited for.
    ended = true;
    throw thrown;
  } finally {
    if (!ended) await iterator.return?.();
  }
}
