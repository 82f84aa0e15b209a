import { pathToFileURL } from 'node:url';
import { inFreshProcess } from './fresh-process.ts';
import { goal } from './goal.ts';
import { compare, figure } from './measure.ts';
import { numberOption } from './options.ts';
import type { StreamAnswer } from './stream-variant.ts';

/** What does the scheduler itself cost, and does its memory stay flat however many chunks run through it? */
export async function run(): Promise<void> {
  const many = numberOption('chunks', 10_000_000);
  const few = Math.ceil(many / 10);
  const variant = (type: string, chunks: number) => () => inFreshProcess<StreamAnswer>('stream-variant', [type, String(chunks)]);
  const text = (chunks: number): string => chunks.toLocaleString('en');
  const measured = await compare(
    'Chunks in groups of 64 over 8 lanes, nothing done with them: the scheduler, or a plain loop in each lane (peak: growth of the live heap)',
    {
      plainFew: variant('plain', few),
      schedulerFew: variant('scheduler', few),
      plainMany: variant('plain', many),
      schedulerMany: variant('scheduler', many),
    },
    { rounds: 3, operations: { plainFew: few, schedulerFew: few, plainMany: many, schedulerMany: many } },
  );
  const { plainMany, schedulerFew, schedulerMany } = measured;
  console.log(`         few: ${text(few)} chunks; many: ${text(many)}`);
  goal('scheduler over plain lanes, many', schedulerMany.oneMs / plainMany.oneMs, { atMost: 5 });
  const growth = schedulerMany.peakMb - schedulerFew.peakMb;
  const reached = growth <= 16 ? 'reached' : 'MISSED ';
  console.log(`${reached}  heap of many over heap of few: ${figure(growth)} MB (goal: at most 16 MB)`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await run();
