import type { Chance } from './chance.ts';

/** How often things go wrong while faults are on. Most worlds have a few kinds of faults only: together they hide one another. */
export interface FaultPlan {
  /** Per store call. */
  readonly storeFailsBefore: number;
  readonly storeFailsAfter: number;
  readonly storeIsSlow: number;
  /** Milliseconds that a call takes at most on its way to the store, and back. */
  readonly storeMs: number;
  /** Per item: its worker dies of something else. */
  readonly workerDies: number;
  /** A dead worker's note of the item in hand is lost. */
  readonly noteIsLost: number;
  /** Per message of a worker. */
  readonly replyIsLost: number;
  readonly replyComesTwice: number;
  readonly replyIsGarbled: number;
  readonly replyIsLate: number;
  /** Per decision of a coordinator: its host stands still before it reaches the store, and is late. */
  readonly decisionIsLate: number;
  /** What happens to hosts and sessions, and behind how many store calls of the world. */
  readonly incidents: readonly Incident[];
  /** Faults end behind so many store calls. */
  readonly endBehind: number;
}

/** One thing that is done to the world from outside. */
export interface Incident {
  readonly behind: number;
  readonly type:
    | 'kill'
    | 'freeze'
    | 'close'
    | 'join'
    | 'pause'
    | 'cancel'
    | 'resume'
    | 'clock-jump'
    | 'other-chunks'
    | 'start-again';
  /** Which of the hosts: counted round. */
  readonly host: number;
  /** How long until the host is back, or goes on; how far the clock jumps. */
  readonly ms: number;
  /** For a kill: others see at once that the host's lock is free, and need not wait for its lease. */
  readonly seenAtOnce: boolean;
}

const kinds: readonly Incident['type'][] = [
  'kill',
  'kill',
  'kill',
  'freeze',
  'freeze',
  'close',
  'join',
  'pause',
  'cancel',
  'resume',
  'clock-jump',
  'other-chunks',
  'start-again',
];

export function planFaults(chance: Chance): FaultPlan {
  const sometimes = (share: number, most: number): number => (chance.happens(share) ? most * chance.fraction() : 0);
  return {
    storeFailsBefore: sometimes(0.25, 0.3),
    storeFailsAfter: sometimes(0.25, 0.3),
    storeIsSlow: sometimes(0.15, 0.1),
    storeMs: chance.pick([0, 1, 5, 50]),
    workerDies: sometimes(0.25, 0.15),
    noteIsLost: chance.pick([0, 0.3, 1]),
    replyIsLost: sometimes(0.15, 0.15),
    replyComesTwice: sometimes(0.15, 0.5),
    replyIsGarbled: sometimes(0.1, 0.3),
    replyIsLate: sometimes(0.1, 0.3),
    decisionIsLate: 0,
    incidents: chance.happens(0.65) ? planIncidents(chance) : [],
    endBehind: chance.between(20, 400),
  };
}

/** Hosts stand still at work, for longer than their lease of three seconds, and for less than what others then have to do. */
export function planZombies(chance: Chance): readonly Incident[] {
  const count = chance.between(1, 4);
  const incidents = Array.from({ length: count }, (): Incident => {
    const ms = chance.between(3_500, 12_000);
    return { behind: chance.between(6, 40), type: 'freeze', host: chance.below(3), ms, seenAtOnce: false };
  });
  return incidents.sort((left, right) => left.behind - right.behind);
}

function planIncidents(chance: Chance): Incident[] {
  const count = chance.pick([1, 1, 2, 3, 5, 8]);
  // One world in three has a single kind: a restart storm, say.
  const only = chance.happens(0.33) ? chance.pick(kinds) : undefined;
  const incidents = Array.from({ length: count }, (): Incident => {
    const type = only ?? chance.pick(kinds);
    return {
      behind: Math.round(chance.pick([10, 40, 120]) * chance.fraction()),
      type,
      host: chance.below(6),
      ms: chance.pick([0, 5, 500, 5_000, 40_000, 100_000]),
      seenAtOnce: chance.happens(0.5),
    };
  });
  return incidents.sort((left, right) => left.behind - right.behind);
}
