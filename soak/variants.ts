import type { Random } from '../src/testing/random.ts';
import type { JobKind, SessionPlan } from './plan.ts';

/**
 * What is done to a host: `kill` at a moment of its life, `early` while it starts, `term` asks it to close, `term-kill` kills it while
 * it closes, `stop` suspends it for longer than its lease, `within` lets its own work kill it, `none` leaves it alone.
 */
export type Fault = 'kill' | 'early' | 'term' | 'term-kill' | 'stop' | 'within' | 'none';

/** One way to run a round. */
export interface Variant {
  readonly job: JobKind;
  /** Hosts on the store, at least and at most. */
  readonly hosts: readonly [number, number];
  /** Drawn from, each as often as it stands here. */
  readonly faults: readonly Fault[];
  /** A host lives so long after it is ready before something is done to it, at most. */
  readonly lifeMs: number;
  /** Faults of a round, after which they are switched off: then everything has to end. */
  readonly faultsOfRound: number;
  /** All hosts start the same sessions at one command. */
  readonly together?: true;
  sessions(random: Random): readonly Shape[];
}

type Shape = Pick<SessionPlan, 'items' | 'batchMs' | 'spins' | 'finalizeMs'>;

function shape(items: number, batchMs: number, more: Partial<Shape> = {}): Shape {
  return { items, batchMs, spins: false, finalizeMs: 20, ...more };
}

const anyFault: readonly Fault[] = ['kill', 'kill', 'kill', 'kill', 'early', 'term', 'term-kill', 'stop'];

/** Every way, by its name. */
export const variants = {
  /** Several sessions of many sizes, chunks of a few milliseconds, combined. */
  plain: {
    job: 'pieces',
    hosts: [1, 3],
    faults: anyFault,
    lifeMs: 500,
    faultsOfRound: 12,
    sessions: (random) => [
      shape(1_600 + random.below(800), 5),
      shape(400, 1),
      shape(90, 20, { finalizeMs: 100 }),
      shape(8, 10),
      shape(0, 1),
      shape(3, 40),
    ],
  },
  /** Two hosts that each take the other for dead cut and finalize the same sessions, whose chunks change their size. */
  race: {
    job: 'varied',
    hosts: [2, 2],
    faults: ['stop', 'stop', 'stop', 'kill', 'term'],
    lifeMs: 500,
    faultsOfRound: 8,
    sessions: () => [shape(500, 150), shape(200, 20, { finalizeMs: 300 }), shape(24, 5, { finalizeMs: 600 })],
  },
  /** A suspended host comes back while another one does its work: only the fence keeps its answers out. */
  zombies: {
    job: 'pieces',
    hosts: [2, 2],
    faults: ['stop'],
    lifeMs: 300,
    faultsOfRound: 3,
    sessions: () => [shape(160, 300)],
  },
  /** Eight processes start one key at the same time, and some of them die at once. */
  together: {
    job: 'pieces',
    hosts: [8, 8],
    faults: ['kill', 'none', 'none'],
    lifeMs: 60,
    faultsOfRound: 3,
    together: true,
    sessions: () => [shape(1_200, 20)],
  },
  /** Hosts are asked to close at random moments. */
  closing: {
    job: 'pieces',
    hosts: [1, 2],
    faults: ['term'],
    lifeMs: 400,
    faultsOfRound: 10,
    sessions: () => [shape(1_200, 8), shape(90, 20, { finalizeMs: 200 }), shape(8, 10)],
  },
  /** Items in batches of 16 that take a while: `each` work keeps what is good. */
  items: {
    job: 'items',
    hosts: [1, 3],
    faults: anyFault,
    lifeMs: 500,
    faultsOfRound: 12,
    sessions: () => [shape(1_500, 1.5), shape(300, 3), shape(40, 5)],
  },
  /** Work that never lets go of its thread: whatever is killed must be gone before another host takes on its work. */
  spinning: {
    job: 'pieces',
    hosts: [2, 2],
    faults: ['kill', 'kill', 'kill', 'early', 'term-kill'],
    lifeMs: 700,
    faultsOfRound: 10,
    sessions: () => [shape(240, 60, { spins: true }), shape(160, 120, { spins: true })],
  },
  /** Batches of a fraction of a millisecond travel in groups; the host dies after about six of them, again and again. */
  groups: {
    job: 'singles',
    hosts: [1, 1],
    faults: ['within'],
    lifeMs: 20,
    faultsOfRound: 20,
    sessions: () => [shape(320, 0.25)],
  },
  /** Claims of hundreds of batches, which all are in flight when the host dies. */
  claims: {
    job: 'singles',
    hosts: [1, 1],
    faults: ['kill'],
    lifeMs: 400,
    faultsOfRound: 25,
    sessions: () => [shape(40_000, 0.001)],
  },
} as const satisfies Record<string, Variant>;

export type VariantName = keyof typeof variants;
