/** A binary heap: the first by `isBefore` on top. Entries are not removed from its middle: callers pass over stale ones. */
export interface Heap<T> {
  push(entry: T): void;
  peek(): T | undefined;
  pop(): T | undefined;
  /** All entries, in no order. */
  entries(): readonly T[];
}

/** Makes an empty heap. */
export function createHeap<T>(isBefore: (left: T, right: T) => boolean): Heap<T> {
  const heap: T[] = [];
  const swapIfBefore = (child: number, parent: number): boolean => {
    const [lower, upper] = [heap[child] as T, heap[parent] as T];
    if (!isBefore(lower, upper)) return false;
    heap[child] = upper;
    heap[parent] = lower;
    return true;
  };
  const sink = (): void => {
    for (let parent = 0, child = 1; child < heap.length; parent = child, child = 2 * parent + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1] as T, heap[child] as T)) child++;
      if (!swapIfBefore(child, parent)) return;
    }
  };
  return {
    push(entry) {
      heap.push(entry);
      for (let child = heap.length - 1; child > 0; ) {
        const parent = (child - 1) >> 1;
        if (!swapIfBefore(child, parent)) return;
        child = parent;
      }
    },
    peek: () => heap[0],
    pop() {
      const top = heap[0];
      const last = heap.pop();
      if (heap.length > 0) {
        heap[0] = last as T;
        sink();
      }
      return top;
    },
    entries: () => heap,
  };
}
