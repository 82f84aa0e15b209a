import type { RunOptions } from './options.ts';
import { type SeedReport, simulateSeed } from './simulate.ts';

/** Seeds between two lines of progress. */
const progressEvery = 1_000;
const shownPerSeed = 3;

/** Simulates seeds one after another and prints what they broke. Answers whether nothing was. */
export async function runSeeds(seeds: Iterable<number>, options: RunOptions): Promise<boolean> {
  const startedAt = Date.now();
  const sum = { seeds: 0, sessions: 0, events: 0, executions: 0, broken: [] as number[] };
  const line = (): string => {
    const seconds = Math.max((Date.now() - startedAt) / 1_000, 0.001);
    const rate = `${(sum.sessions / seconds).toFixed(0)} sessions/s`;
    return `${sum.seeds} seeds, ${sum.sessions} sessions, ${sum.executions} executions, ${sum.events} events, ${sum.broken.length} broken, ${rate}`;
  };
  for (const seed of seeds) {
    if (Date.now() - startedAt > options.minutes * 60_000) {
      print(`stopped after ${options.minutes} minutes; go on with: npm run simulate -- --seeds ${seed}..${options.to}`);
      break;
    }
    const report = await simulateSeed(seed, { trace: options.trace });
    sum.seeds++;
    sum.sessions += report.sessions;
    sum.events += report.events;
    sum.executions += report.executions;
    if (options.trace) print(report.lines.join('\n'));
    if (report.violations.length > 0) {
      sum.broken.push(seed);
      tell(report, options);
      if (options.first) break;
    }
    if (sum.seeds % progressEvery === 0) print(`up to seed ${seed}: ${line()}`);
  }
  print(line());
  if (sum.broken.length > 0) print(`broken: ${sum.broken.join(' ')}`);
  return sum.broken.length === 0;
}

function tell({ seed, violations }: SeedReport, { trace, strict }: RunOptions): void {
  for (const { rule, what } of trace ? violations : violations.slice(0, shownPerSeed)) {
    print(`seed ${seed} breaks ${rule}: ${trace ? what : (what.split('\n', 1)[0] ?? '').slice(0, 400)}`);
  }
  if (!trace) print(`  replay: npm run simulate -- --seed ${seed} --trace${strict ? ' --strict' : ''}`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
