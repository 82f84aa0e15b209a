/** The command was called in a way that it can't be: exit code 2. The message names the argument and what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
