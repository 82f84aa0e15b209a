import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import type { ExecutorName } from '../src/model/job.ts';
import { build } from './build.ts';
import type { SoakOptions } from './options.ts';
import { type Round, runRound } from './round.ts';
import { addTallies, nothingYet, type Tally } from './tally.ts';

/** What a soak has found, over all its pieces. */
export interface SoakReport {
  readonly rounds: readonly Round[];
  readonly total: Tally;
}

/** Runs rounds until enough hosts were killed, a rule was broken, or time is up. */
export async function soak(options: SoakOptions, signal: AbortSignal, tell: (line: string) => void): Promise<SoakReport> {
  const rounds: Round[] = readState(options.state);
  const until = performance.now() + options.minutes * 60_000;
  const { host, remove } = build(options.planted);
  try {
    for (let total = totalOf(rounds); isWanting(options, total) && performance.now() < until; total = totalOf(rounds)) {
      const round = await runRound({
        ...roundOf(options, rounds.length),
        faults: roomFor(options, total),
        program: host,
        signal,
      });
      rounds.push(round);
      writeState(options.state, rounds);
      tell(lineOf(round, rounds));
      if (round.violations.length > 0) break;
    }
  } catch (thrown) {
    // A round that was stopped does not count.
    if (!signal.aborted) throw thrown;
  } finally {
    remove();
  }
  return { rounds, total: totalOf(rounds) };
}

const executors: readonly ExecutorName[] = ['threads', 'processes', 'inline'];

function roundOf({ seed, variants: names, executor, hosts }: SoakOptions, index: number) {
  const variant = names[index % names.length] as (typeof names)[number];
  const turn = Math.floor(index / names.length);
  const chosen = executor === 'mixed' ? (executors[(index + turn) % executors.length] as ExecutorName) : executor;
  return { variant, seed: seed + index, executor: chosen, hosts };
}

function isWanting({ kills, closes }: SoakOptions, total: Tally): boolean {
  return total.kills < kills || total.closes < closes;
}

/** A soak for few kills does no more than it is asked for. */
function roomFor({ kills, closes }: SoakOptions, total: Tally): number {
  return Math.max(3, kills - total.kills, closes - total.closes);
}

function totalOf(rounds: readonly Round[]): Tally {
  return rounds.reduce<Tally>((sum, round) => addTallies(sum, round), nothingYet);
}

function readState(path: string | undefined): Round[] {
  return path !== undefined && existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Round[]) : [];
}

/** Whole or not at all: a soak is stopped at any time. */
function writeState(path: string | undefined, rounds: readonly Round[]): void {
  if (path === undefined) return;
  writeFileSync(`${path}.new`, `${JSON.stringify(rounds, null, 1)}\n`);
  renameSync(`${path}.new`, path);
}

function lineOf(round: Round, rounds: readonly Round[]): string {
  const { variant, seed, executor, hosts, seconds, kills, closes, suspended, executions, again, violations, folder } = round;
  const facts = `seed ${seed} ${variant} ${executor} hosts ${hosts}: ${kills} kills, ${closes} closes, ${suspended} suspended, ${executions} executions, ${again} again, ${seconds.toFixed(1)} s`;
  const broken = violations.map(({ rule, what }) => `\n  VIOLATED ${rule}: ${what}`).join('');
  const kept = folder === null ? '' : `\n  kept in ${folder}`;
  return `${totalOf(rounds).kills} kills so far; ${facts}${broken}${kept}`;
}

/** The last line of a soak. */
export function summaryOf({ rounds, total }: SoakReport): string {
  const { kills, closes, suspended, sessions, executions, again, takeovers, finalizeCalls, lostLeases, largestClaim } = total;
  const violations = rounds.reduce((sum, round) => sum + round.violations.length, 0);
  const seeds = rounds.length === 0 ? 'none' : `${rounds[0]?.seed} to ${rounds.at(-1)?.seed}`;
  const minutes = rounds.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
  return (
    `${kills} kill -9, ${closes} closes, ${suspended} suspended hosts, ${sessions} sessions, ${executions} executions (${again} again), ` +
    `${takeovers} takeovers, claims of up to ${largestClaim} batches, ${finalizeCalls} finalize calls, ${lostLeases} lost leases; seeds ${seeds}, ${minutes.toFixed(1)} min, ` +
    `load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}: ${violations} violations`
  );
}
