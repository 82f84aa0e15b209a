/** Runs something so many times, at most `width` at once. */
export async function withWindow(count: number, width: number, act: () => Promise<unknown>): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left--;
      await act();
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}
