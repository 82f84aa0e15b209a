/** The URL of a work module beside the module that names it: `.ts` in the sources, `.js` when built. */
export function workUrl(name: string, beside: string): URL {
  return new URL(`./${name}${beside.endsWith('.ts') ? '.ts' : '.js'}`, beside);
}
