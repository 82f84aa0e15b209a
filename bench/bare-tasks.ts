/** What a bare Piscina worker runs, beside the same as work of the engine: `pool.run(value, { name })`. */
export { burn } from './burn.ts';

export function nothing(): void {}
