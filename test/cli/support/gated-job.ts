import type { CliWorld } from './cli-world.ts';

/**
 * A job whose items wait for a file called `go`, so that a test decides when they end. Each item leaves a line in `ran` when it starts.
 * The work imports a `.ts` module of its own and awaits at top level.
 */
export function writeGatedJob(world: CliWorld): string {
  world.write('gate.ts', gate);
  world.write('gated.work.ts', work);
  return world.write('gated.ts', job);
}

const gate = `
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
export const folder: string = new URL('.', import.meta.url).pathname;
export async function pass(item: number): Promise<number> {
  appendFileSync(folder + 'ran', item + '\\n');
  while (!existsSync(folder + 'go')) await delay(5);
  return item * 2;
}
`;

const work = `
import { defineWork } from 'millrace/work';
import { pass } from './gate.ts';
const times: number = await Promise.resolve(1);
export default defineWork({ each: async (item: number) => (await pass(item)) * times });
`;

const job = `
import { byCount, defineJob, workModule } from 'millrace';
import type work from './gated.work.ts';
import { folder } from './gate.ts';
const version: string = await Promise.resolve(process.env['JOB_VERSION'] ?? '1');
export const gated = defineJob(workModule<typeof work>(new URL('./gated.work.ts', import.meta.url)), {
  name: 'gated',
  version,
  source: ({ items }: { items: number }) => Array.from({ length: items }, (_, i) => i),
  chunk: byCount(1),
  combine: (left, right) => left + right,
  finalize: ({ combined }) => ({ sum: combined, folder: folder.length > 0 }),
});
`;
