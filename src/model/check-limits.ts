import { checkFunction, checkOptionNames, checkWhole } from './check-option-names.ts';
import { durationMs } from './duration.ts';
import { InvalidOptionError } from './errors.ts';
import type { JobDefinition } from './job.ts';
import type { RatePolicy } from './rate.ts';
import type { SeatPolicy } from './seats.ts';

const rateNames = { limit: true, per: true, key: true } as const satisfies Record<keyof RatePolicy, true>;

const seatNames = { key: true, limit: true, group: true } as const satisfies Record<keyof SeatPolicy, true>;

/** The longest window of a rate: 30 days. */
const longestMs = 2_592_000_000;

/** Refuses rates and seats that can't be. */
export function checkLimits({ name, rate, seats }: Pick<JobDefinition, 'name' | 'rate' | 'seats'>): void {
  if (rate !== undefined) checkRate(rate, `${name}: rate`);
  if (seats !== undefined) checkSeats(seats, `${name}: seats`);
}

function checkRate(rate: RatePolicy, where: string): void {
  checkOptionNames(rate, where, rateNames);
  const { limit, per } = rate as Partial<RatePolicy>;
  checkGiven(limit, `${where}.limit`);
  checkWhole(limit, `${where}.limit`, 1, 1_000_000);
  checkGiven(per, `${where}.per`);
  if (per !== undefined && durationMs(per, `${where}.per`, 1) > longestMs) {
    throw new InvalidOptionError(`${where}.per`, per, 'at most 30 days');
  }
  checkFunction(rate.key, `${where}.key`);
}

function checkSeats(seats: SeatPolicy, where: string): void {
  checkOptionNames(seats, where, seatNames);
  checkGiven(seats.key, `${where}.key`);
  checkFunction(seats.key, `${where}.key`);
  checkWhole(seats.limit, `${where}.limit`, 1, 1_000);
  const { group } = seats;
  if (group !== undefined && (typeof group !== 'string' || group === '' || group.includes('\n'))) {
    throw new InvalidOptionError(`${where}.group`, group, 'a text of one line that is not empty');
  }
}

function checkGiven(value: unknown, name: string): void {
  if (value === undefined) throw new InvalidOptionError(name, value, 'given');
}
