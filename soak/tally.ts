import type { Line } from './history.ts';

/** What happened in a round, in numbers. */
export interface Tally {
  /** Hosts that died of SIGKILL. */
  readonly kills: number;
  /** Hosts that were asked to close. */
  readonly closes: number;
  /** Hosts that were suspended for longer than their lease. */
  readonly suspended: number;
  /** Executions of batches, or of items where each is noted; and how many of them were not the first. */
  readonly executions: number;
  readonly again: number;
  /** Sessions that another host, or the next boot, took on. */
  readonly takeovers: number;
  readonly finalizeCalls: number;
  readonly lostLeases: number;
  readonly sessions: number;
  /** Batches that a host asked for at once, at most: so many were in flight at its death. */
  readonly largestClaim: number;
}

export function tallyOf(lines: readonly Line[]): Tally {
  const begun = lines.flatMap((line) => (line.type === 'begin' ? [line] : []));
  const units = new Set(begun.map((line) => `${line.session}/${line.batch}/${line.item ?? ''}`));
  const signals = (name: string): number => lines.filter((line) => line.type === 'signal' && line.signal === name).length;
  const count = (type: Line['type']): number => lines.filter((line) => line.type === type).length;
  return {
    kills: lines.filter((line) => line.type === 'exited' && line.signal === 'SIGKILL').length,
    closes: signals('SIGTERM'),
    suspended: signals('SIGSTOP'),
    executions: begun.length,
    again: begun.length - units.size,
    takeovers: count('adopted'),
    finalizeCalls: count('finalize'),
    lostLeases: count('lost'),
    largestClaim: lines.reduce((most, line) => (line.type === 'claiming' ? Math.max(most, line.batches.length) : most), 0),
    sessions: new Set(lines.filter((line) => line.type === 'answered').map(({ session }) => session)).size,
  };
}

/** Of two rounds together. */
export function addTallies(left: Tally, right: Tally): Tally {
  const sums = Object.entries(left).map(([name, value]) => [name, (value as number) + right[name as keyof Tally]]);
  return { ...(Object.fromEntries(sums) as Tally), largestClaim: Math.max(left.largestClaim, right.largestClaim) };
}

export const nothingYet: Tally = tallyOf([]);
