/** A bug to plant: texts of a copy of the source that are replaced. Each must be there exactly once. */
export interface Mutation {
  /** What the bug does. */
  readonly name: string;
  readonly changes: readonly Change[];
}

export interface Change {
  /** From the root of the repository. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A bug in one place. */
export function planted(name: string, file: string, find: string, replace: string): Mutation {
  return { name, changes: [{ file, find, replace }] };
}

/** A bug that takes two mistakes: the engine looks twice, so that one alone does no harm. */
export function plantedTwice(name: string, ...changes: readonly [string, string, string][]): Mutation {
  return { name, changes: changes.map(([file, find, replace]) => ({ file, find, replace })) };
}
