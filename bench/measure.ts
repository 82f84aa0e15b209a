import { cpus, loadavg } from 'node:os';

/** What one variant took: medians over the rounds. */
export interface Measured {
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Wall time of one operation. */
  readonly oneMs: number;
  /** Memory at its highest, for variants that measure themselves. NaN for others. */
  readonly peakMb: number;
}

export interface CompareOptions<Name extends string> {
  /** Rounds after one warm-up. Every round runs every variant once. At least 1. @default 5 */
  rounds?: number;
  /** Operations in one call of each variant, or of all: the table then also shows the time of one, and ratios are of those. @default 1 */
  operations?: number | Readonly<Record<Name, number>>;
}

/** What a variant answers that runs in a process of its own and measures itself there. */
export interface SelfMeasured {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMb: number;
}

interface Sample extends SelfMeasured {
  readonly name: string;
}

interface Row extends Measured {
  readonly name: string;
  /** Fastest and slowest round, as shares of the median. */
  readonly spread: readonly [number, number];
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
  { rounds = 5, operations = 1 }: CompareOptions<Name> = {},
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
  const countOf = (name: Name): number => (typeof operations === 'number' ? operations : operations[name]);
  const rows = names.map((name) => summed(samples, name, countOf(name)));
  printTable(question, rows, rounds, operations !== 1);
  return Object.fromEntries(rows.map((row) => [row.name, row])) as unknown as Record<Name, Measured>;
}

/** The middle value; of two middle ones the mean. NaN for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** A number with three digits that count. */
export function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

async function time(name: string, variant: () => unknown): Promise<Sample> {
  // With --expose-gc, the garbage of the variant before is not charged to this one.
  globalThis.gc?.();
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const answer = await variant();
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  return isSelfMeasured(answer) ? { name, ...answer } : { name, wallMs, cpuMs: (user + system) / 1_000, peakMb: Number.NaN };
}

function isSelfMeasured(answer: unknown): answer is SelfMeasured {
  return typeof answer === 'object' && answer !== null && 'wallMs' in answer && 'cpuMs' in answer && 'peakMb' in answer;
}

function summed(samples: readonly Sample[], name: string, operations: number): Row {
  const own = samples.filter((sample) => sample.name === name);
  const walls = own.map(({ wallMs }) => wallMs);
  const wallMs = median(walls);
  return {
    name,
    wallMs,
    cpuMs: median(own.map(({ cpuMs }) => cpuMs)),
    oneMs: wallMs / operations,
    peakMb: median(own.map(({ peakMb }) => peakMb)),
    spread: [Math.min(...walls) / wallMs, Math.max(...walls) / wallMs],
  };
}

function printTable(question: string, rows: readonly Row[], rounds: number, withOne: boolean): void {
  const baseline = rows[0]?.oneMs ?? Number.NaN;
  const withPeak = rows.some(({ peakMb }) => !Number.isNaN(peakMb));
  const lines = rows.map(({ name, wallMs, cpuMs, oneMs, peakMb, spread: [least, most] }) => [
    name,
    `${figure(wallMs)} ms`,
    `${figure(cpuMs)} ms`,
    ...(withOne ? [`${figure(oneMs * 1_000)} µs`] : []),
    ...(withPeak ? [`${figure(peakMb)} MB`] : []),
    `${figure(oneMs / baseline)}x`,
    `${percent(least)}..${percent(most)}`,
  ]);
  const head = ['', 'wall', 'cpu', ...(withOne ? ['one'] : []), ...(withPeak ? ['peak'] : []), 'of the first', 'spread'];
  const load = loadavg().map(figure).join(' ');
  console.log(
    `\n${question}\n(medians of ${rounds} rounds, node ${process.version}, ${cpus().length} cores, load average ${load})`,
  );
  for (const line of alignColumns([head, ...lines])) console.log(line);
}

function percent(share: number): string {
  const points = Math.round((share - 1) * 100);
  return `${points > 0 ? '+' : ''}${points} %`;
}

function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join('  '));
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
