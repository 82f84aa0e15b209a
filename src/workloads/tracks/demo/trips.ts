import type { Phone } from './phone.ts';
import type { Random } from './random.ts';

/** Ways from one stay to the next. */
export interface Trips {
  /** A way begins now. */
  begin(): void;
  /** Waits until between `from` and `to` seconds after midnight, if it is not later already; then a way begins. */
  leaveAt(midnight: number, from: number, to: number): void;
}

/** @param begin - Told before each way. */
export function createTrips(random: Random, phone: Phone, begin: () => void): Trips {
  return {
    begin,
    leaveAt(midnight, from, to) {
      begin();
      phone.waitUntil(midnight + random.between(from, to));
    },
  };
}
