/** What the runner was asked for. */
export interface RunOptions {
  readonly from: number;
  readonly to: number;
  /** Print all that happens. */
  readonly trace: boolean;
  /** Pass over no gap that is known. */
  readonly strict: boolean;
  /** Stop at the first seed that breaks a rule. */
  readonly first: boolean;
  /** Run the seeds that once broke a rule. */
  readonly regressions: boolean;
  /** Run the planted bugs. */
  readonly mutations: boolean;
  /** Only planted bugs whose name holds this text. */
  readonly only: string | undefined;
  /** Stop after so many minutes, and say where to go on. */
  readonly minutes: number;
}

const usage = `npm run simulate -- [--seeds FROM..TO | --seed N | --regressions | --mutations [--only TEXT]]
                    [--trace] [--strict] [--first] [--minutes M]`;

export function readOptions(given: readonly string[]): RunOptions {
  const after = (name: string): string | undefined => {
    const at = given.indexOf(name);
    return at === -1 ? undefined : given[at + 1];
  };
  if (given.includes('--help')) {
    process.stdout.write(`${usage}\n`);
    process.exit(0);
  }
  const [from, to] = (after('--seed') ?? after('--seeds') ?? '1..2000').split('..').map(Number) as [number, number | undefined];
  const minutes = Number(after('--minutes') ?? Number.POSITIVE_INFINITY);
  if (![from, to ?? from].every(Number.isInteger) || Number.isNaN(minutes))
    throw new Error(`What is asked for can't be read. ${usage}`);
  return {
    from,
    to: to ?? from,
    trace: given.includes('--trace'),
    strict: given.includes('--strict'),
    first: given.includes('--first'),
    regressions: given.includes('--regressions'),
    mutations: given.includes('--mutations'),
    only: after('--only'),
    minutes,
  };
}
