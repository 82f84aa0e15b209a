import { Observable } from 'rxjs';

/** A value that others look at while it changes: whoever comes late gets the latest at once. */
export interface LiveValue {
  /** Something changed. */
  notify(): void;
  /** It changes no more. */
  end(): void;
  readonly changes$: Observable<void>;
}

export function createLiveValue(): LiveValue {
  const observers = new Set<{ next(): void; complete(): void }>();
  let ended = false;
  return {
    notify() {
      for (const observer of observers) observer.next();
    },
    end() {
      ended = true;
      for (const observer of observers) observer.complete();
      observers.clear();
    },
    changes$: new Observable((observer) => {
      observer.next();
      if (ended) {
        observer.complete();
        return undefined;
      }
      observers.add(observer);
      return () => observers.delete(observer);
    }),
  };
}

/** How far a reader may fall behind before it misses the oldest. */
const mostBuffered = 10_000;

/** An Observable as an async iterable: ends with it, with its reader's `return`, or rejects with the signal's reason. */
export async function* iterate<T>(source: Observable<T>, signal?: AbortSignal): AsyncGenerator<T> {
  const buffer: T[] = [];
  let done = false;
  let failure: { readonly error: unknown } | undefined;
  let wake: () => void = () => undefined;
  const stop = (error: unknown): void => {
    failure = { error };
    wake();
  };
  const onAbort = (): void => stop(signal?.reason);
  signal?.throwIfAborted();
  signal?.addEventListener('abort', onAbort, { once: true });
  const subscription = source.subscribe({
    next(value) {
      if (buffer.push(value) > mostBuffered) buffer.shift();
      wake();
    },
    error: stop,
    complete() {
      done = true;
      wake();
    },
  });
  try {
    for (;;) {
      if (failure) throw failure.error;
      if (buffer.length > 0) yield buffer.shift() as T;
      else if (done) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    subscription.unsubscribe();
    signal?.removeEventListener('abort', onAbort);
  }
}
