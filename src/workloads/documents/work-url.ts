/** The URL of a work module beside this one: `.ts` in the sources, `.js` when built. */
export function workUrl(name: string): URL {
  return new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
}
