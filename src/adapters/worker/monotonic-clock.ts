/** What this thread's `performance.now()` begins at, on the clock of the machine's uptime. */
const originMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/**
 * Milliseconds since a moment in the past, the same for all threads of the process, and never 0.
 *
 * Not the wall clock: that one jumps (NTP, a laptop that slept), and every item at work would seem to be late.
 */
export function monotonicMs(): number {
  return originMs + performance.now();
}
