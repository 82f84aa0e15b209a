import { cpus, loadavg } from 'node:os';

/** What one variant took: medians over the rounds. */
export interface Measured {
  readonly wallMs: number;
  readonly cpuMs: number;
}

export interface CompareOptions {
  /** Rounds after one warm-up. Every round runs every variant once. At least 1. @default 5 */
  rounds?: number;
  /** Operations in one call of a variant: the table then also shows the time of one. @default 1 */
  operations?: number;
}

interface Sample {
  readonly name: string;
  readonly wallMs: number;
  readonly cpuMs: number;
}

/**
 * Times variants against each other and prints a table; the first is the baseline.
 *
 * Variants take turns within each round, each round beginning with another, so that a busy machine hits all alike:
 * only the ratios within one run mean something. Wall time beside CPU time shows when something else took the cores.
 */
export async function compare<Name extends string>(
  question: string,
  variants: Readonly<Record<Name, () => unknown>>,
  { rounds = 5, operations = 1 }: CompareOptions = {},
): Promise<Readonly<Record<Name, Measured>>> {
  const names = Object.keys(variants) as Name[];
  const samples: Sample[] = [];
  for (let round = 0; round <= rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round) % names.length] as Name;
      const sample = await time(name, variants[name]);
      if (round > 0) samples.push(sample);
    }
  }
  const measured = Object.fromEntries(names.map((name) => [name, mediansOf(samples, name)])) as Record<Name, Measured>;
  printTable(question, measured, names, { rounds, operations });
  return measured;
}

/** The middle value; of two middle ones the mean. NaN for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

async function time(name: string, variant: () => unknown): Promise<Sample> {
  // With --expose-gc, the garbage of the variant before is not charged to this one.
  globalThis.gc?.();
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await variant();
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  return { name, wallMs, cpuMs: (user + system) / 1_000 };
}

function mediansOf(samples: readonly Sample[], name: string): Measured {
  const own = samples.filter((sample) => sample.name === name);
  return { wallMs: median(own.map(({ wallMs }) => wallMs)), cpuMs: median(own.map(({ cpuMs }) => cpuMs)) };
}

function printTable(
  question: string,
  measured: Readonly<Record<string, Measured>>,
  names: readonly string[],
  { rounds, operations }: Required<CompareOptions>,
): void {
  const baseline = measured[names[0] ?? '']?.wallMs ?? Number.NaN;
  const rows = names.map((name) => {
    const { wallMs, cpuMs } = measured[name] as Measured;
    const each = operations > 1 ? [`${figure((wallMs * 1_000) / operations)} µs`] : [];
    return [name, `${figure(wallMs)} ms`, `${figure(cpuMs)} ms`, ...each, `${figure(wallMs / baseline)}x`];
  });
  const head = ['', 'wall', 'cpu', ...(operations > 1 ? ['one'] : []), 'of the first'];
  const load = loadavg().map(figure).join(' ');
  console.log(
    `\n${question}\n(medians of ${rounds} rounds, node ${process.version}, ${cpus().length} cores, load average ${load})`,
  );
  for (const line of alignColumns([head, ...rows])) console.log(line);
}

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join('  '));
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
