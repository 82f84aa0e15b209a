import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutorName } from '../src/model/job.ts';
import { type Random, seededRandom } from '../src/testing/random.ts';
import { checkRound } from './check.ts';
import { createFleet } from './fleet.ts';
import { closeHistory, openHistory, readHistory } from './history.ts';
import { runLives } from './lives.ts';
import type { SessionPlan } from './plan.ts';
import { type Tally, tallyOf } from './tally.ts';
import { readTruth } from './truth.ts';
import { type Variant, type VariantName, variants } from './variants.ts';
import type { Violation } from './violation.ts';

/** What a round is made of. */
export interface RoundOptions {
  readonly variant: VariantName;
  readonly seed: number;
  readonly executor: ExecutorName;
  readonly hosts: number | undefined;
  /** The most hosts that are still to be harmed. */
  readonly faults: number;
  /** The program of a host. */
  readonly program: string;
  /** Aborts when the driver itself is stopped. */
  readonly signal: AbortSignal;
}

/** A round that has ended. */
export interface Round extends Tally {
  readonly variant: VariantName;
  readonly seed: number;
  readonly executor: ExecutorName;
  readonly hosts: number;
  readonly seconds: number;
  readonly violations: readonly Violation[];
  /** Where everything is kept: only when something was violated. */
  readonly folder: string | null;
}

const leaseMs = 1_000;
const graceMs = 2_000;

/** Runs sessions on hosts that are harmed, until all have ended; then checks what is left. */
export async function runRound(options: RoundOptions): Promise<Round> {
  const { seed, executor, signal } = options;
  const startedAt = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'millrace-soak-'));
  mkdirSync(join(folder, 'temp'));
  const history = join(folder, 'history.jsonl');
  const store = join(folder, 'store.db');
  openHistory(history);
  const random = seededRandom(seed);
  const variant: Variant = variants[options.variant];
  const [least, most] = variant.hosts;
  const hosts = options.hosts ?? least + random.below(most - least + 1);
  const plans = plansOf(seed, variant, random, history);
  const fleet = createFleet({ program: options.program, folder, history });
  const stop = (): void => fleet.killAll();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const order = {
      store,
      history,
      job: variant.job,
      executor,
      workers: 2,
      leaseMs,
      graceMs,
      onCommand: variant.together ?? false,
    };
    await runLives({
      variant,
      hosts,
      plans,
      fleet,
      order,
      random,
      signal,
      faults: Math.min(options.faults, variant.faultsOfRound),
    });
    signal.throwIfAborted();
    const lines = readHistory(history);
    const truth = await readTruth(folder, store);
    const violations = await checkRound({ lines, truth }, plans, variant.job);
    const kept = violations.length > 0;
    if (!kept) rmSync(folder, { recursive: true, force: true });
    const seconds = Math.round(performance.now() - startedAt) / 1_000;
    const facts = { variant: options.variant, seed, executor, hosts, seconds };
    return { ...facts, ...tallyOf(lines), violations, folder: kept ? folder : null };
  } catch (cause) {
    signal.throwIfAborted();
    throw new Error(`The round ${options.variant} of seed ${seed} could not be run. Its files are in ${folder}.`, { cause });
  } finally {
    signal.removeEventListener('abort', stop);
    fleet.killAll();
    closeHistory(history);
    if (signal.aborted) rmSync(folder, { recursive: true, force: true });
  }
}

function plansOf(seed: number, variant: Variant, random: Random, history: string): SessionPlan[] {
  return variant
    .sessions(random)
    .map((shape, index) => ({ ...shape, key: `session ${index}`, seed: seed * 100 + index, history }));
}
