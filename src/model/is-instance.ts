/** `instanceof` for what may be anything: a proxy whose traps throw is an instance of nothing. */
export function isInstance<T>(value: unknown, type: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof type;
  } catch {
    // It does not say what it is; its own trap is not the failure that is being looked at.
    return false;
  }
}
