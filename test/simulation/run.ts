import { readOptions } from './options.ts';
import { ownTheProcess } from './own-the-process.ts';
import { passOverNothing } from './pending.ts';
import { regressionSeeds } from './regression-seeds.ts';
import { runMutations } from './run-mutations.ts';
import { runSeeds } from './run-seeds.ts';

/*
 * `npm run simulate -- --seeds 1..20000`: simulated sessions, judged. A seed that breaks a rule is printed with the command that shows
 * its trace. A run that was stopped says where to go on.
 */
const options = readOptions(process.argv.slice(2));
if (options.mutations) {
  process.exitCode = (await runMutations(options)) ? 0 : 1;
} else {
  if (options.strict) passOverNothing();
  ownTheProcess();
  // Where errors come from is only read in a trace, and costs a tenth of the time.
  if (!options.trace) Error.stackTraceLimit = 0;
  const seeds = options.regressions ? regressionSeeds.map(({ seed }) => seed) : range(options.from, options.to);
  const isGood = await runSeeds(seeds, options);
  // Worlds that were given up have left promises behind that never end, and nothing else.
  process.exit(isGood ? 0 : 1);
}

function* range(from: number, to: number): Generator<number> {
  for (let seed = from; seed <= to; seed++) yield seed;
}
