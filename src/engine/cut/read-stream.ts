import type { Stream } from '../../model/work.ts';

/** Values read from a stream: some of them, and whether there are more. */
export interface Values {
  readonly items: readonly unknown[];
  readonly done: boolean;
  readonly failure?: { readonly thrown: unknown };
}

/** Reads a stream on demand. */
export interface Reader {
  /** Up to `limit` values: at once from a synchronous stream; from an asynchronous one what came until it made us wait. */
  take(limit: number): Values | Promise<Values>;
  /** Lets go of the stream. A take that waits is answered with what is there: not with the stream's end. Never throws. */
  close(): void;
}

/** How long a slow stream may hold back values that were read already. */
const patienceMs = 5;

/**
 * Reads a synchronous or asynchronous stream, never further ahead than it was asked for. Opened at the first `take`.
 *
 * @param onReturnError - Gets what the stream threw when it was let go: too late to matter to what was read.
 */
export function readStream(open: () => Stream<unknown>, onReturnError: (thrown: unknown) => void): Reader {
  let reader: Reader | undefined;
  const opened = (): Reader => {
    const stream = open();
    if (isAsync(stream)) return readAsync(stream[Symbol.asyncIterator](), onReturnError);
    return readSync(stream[Symbol.iterator](), onReturnError);
  };
  return {
    take(limit) {
      try {
        reader ??= opened();
      } catch (thrown) {
        return { items: [], done: true, failure: { thrown } };
      }
      return reader.take(limit);
    },
    close: () => reader?.close(),
  };
}

function isAsync(stream: Stream<unknown>): stream is AsyncIterable<unknown> {
  return typeof (stream as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function';
}

function readSync(iterator: Iterator<unknown>, onReturnError: (thrown: unknown) => void): Reader {
  let done = false;
  return {
    take(limit) {
      const items: unknown[] = [];
      try {
        while (!done && items.length < limit) {
          const next = iterator.next();
          if (next.done) done = true;
          else items.push(next.value);
        }
      } catch (thrown) {
        done = true;
        return { items, done, failure: { thrown } };
      }
      return { items, done };
    },
    close() {
      if (done) return;
      done = true;
      try {
        iterator.return?.();
      } catch (thrown) {
        onReturnError(thrown);
      }
    },
  };
}

function readAsync(iterator: AsyncIterator<unknown>, onReturnError: (thrown: unknown) => void): Reader {
  let buffer: unknown[] = [];
  let done = false;
  let closed = false;
  let failure: { thrown: unknown } | undefined;
  let reading = false;
  let waiting: ((values: Values) => void) | undefined;
  let timer: NodeJS.Timeout | undefined;

  const deliver = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const give = waiting;
    waiting = undefined;
    const items = buffer;
    buffer = [];
    give?.({ items, done: done && !closed, ...(failure && { failure }) });
  };
  const letGo = async (): Promise<void> => {
    try {
      await iterator.return?.();
    } catch (thrown) {
      onReturnError(thrown);
    }
  };
  const read = async (limit: number): Promise<void> => {
    reading = true;
    try {
      while (!done && !closed && buffer.length < limit) {
        const next = await iterator.next();
        if (next.done) done = true;
        else buffer.push(next.value);
        if (waiting && buffer.length > 0) timer ??= setTimeout(deliver, patienceMs);
      }
    } catch (thrown) {
      done = true;
      failure = { thrown };
    }
    reading = false;
    if (waiting) deliver();
  };
  return {
    take(limit) {
      return new Promise((resolve) => {
        waiting = resolve;
        if (!reading && !done && !closed && buffer.length < limit) void read(limit);
        else if (done || closed || buffer.length > 0) deliver();
        // What an earlier read left behind is not held back while this one waits for more.
        if (buffer.length > 0) timer ??= setTimeout(deliver, patienceMs);
      });
    },
    close() {
      if (done || closed) return;
      closed = true;
      void letGo();
      if (waiting) deliver();
    },
  };
}
