import { LRUCache } from 'lru-cache';
import type { Run } from './history.ts';
import { openProbe, type Probe } from './probe-run.ts';

/** Files that are open at once. A history may be of thousands, and a process may open some hundreds. */
const mostOpen = 64;

/** Probes of the runs of a history, opened when they are asked for. */
export interface Probes {
  /** Of a run by its number. It may be closed when another is asked for. */
  of(run: number): Probe;
  close(): void;
}

/** Keeps those open that were asked for last. */
export function createProbes(runs: readonly Run[]): Probes {
  const open = new LRUCache<number, Probe>({ max: mostOpen, dispose: (probe) => probe.close() });
  return {
    of(number) {
      const known = open.get(number);
      if (known) return known;
      const probe = openProbe(runs[number] as Run);
      open.set(number, probe);
      return probe;
    },
    close: () => open.clear(),
  };
}
