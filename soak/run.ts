import { readOptions, type SoakOptions } from './options.ts';
import { soak, summaryOf } from './soak.ts';

// npm run soak -- --kills 50: what there is to set stands in options.ts.
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => stopping.abort(new Error(`stopped by ${signal}`)));

function options(): SoakOptions | undefined {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error((error as Error).message);
    return undefined;
  }
}

const wanted = options();
if (!wanted) process.exitCode = 2;
else {
  const report = await soak(wanted, stopping.signal, (line) => console.log(line));
  console.log(summaryOf(report));
  if (report.rounds.some(({ violations }) => violations.length > 0)) process.exitCode = 1;
}
