/** The greatest of neighbouring values, as a window over them moves on: values are taken at its end and leave at its beginning, each once. */
export interface SlidingMax {
  take(i: number): void;
  leave(i: number): void;
  /** Of a window that is not empty. */
  max(): number;
}

/** Keeps the places of those values only that no later one exceeds: in all, the time grows with the values, however wide the window. */
export function slidingMax(values: Float64Array): SlidingMax {
  const places = new Uint32Array(values.length);
  let first = 0;
  let end = 0;
  return {
    take(i) {
      while (end > first && (values[places[end - 1] as number] as number) <= (values[i] as number)) end--;
      places[end++] = i;
    },
    leave(i) {
      if (first < end && places[first] === i) first++;
    },
    max: () => values[places[first] as number] as number,
  };
}
