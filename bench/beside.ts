const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** The URL of a work module of this folder, named without its ending. */
export function workFile(name: string): URL {
  return new URL(`${name}${ending}`, import.meta.url);
}

/** The URL of what bare Piscina workers run. */
export const bareTasks = workFile('bare-tasks').href;
