import { type Phone, type Place, paces } from './phone.ts';
import type { Random } from './random.ts';
import { corner, type Routes } from './routes.ts';
import type { Trips } from './trips.ts';

const hour = 3_600;

/** What one does around home when there is no work. */
export interface Outings {
  /** A run or a walk. */
  evening(midnight: number): void;
  /** To a bar, and home about midnight: mostly on foot, often after it. */
  lateEvening(midnight: number): void;
  /** To friends by car, a walk there, and back. */
  visitFriends(): void;
}

export function createOutings(random: Random, phone: Phone, routes: Routes, trips: Trips): Outings {
  const { streets, round } = routes;
  const home = phone.place;
  const friends: Place = { x: random.between(-30_000, -18_000), y: random.between(9_000, 16_000) };
  const road = [0.2, 0.4, 0.6, 0.8].map((share) => ({
    x: friends.x * share + random.between(-1_500, 1_500),
    y: friends.y * share + random.between(-1_500, 1_500),
  }));
  const bar = corner(random.between(-22, -8), random.between(-16, -8));
  return {
    evening(midnight) {
      trips.leaveAt(midnight, 18.5 * hour, 20 * hour);
      if (random.onceIn(3)) round(1_600, 4, paces.run);
      else round(900, 3, paces.walk);
    },
    lateEvening(midnight) {
      trips.leaveAt(midnight, 18.5 * hour, 20.5 * hour);
      streets(bar, paces.ride);
      phone.stay(Math.max(0, midnight + random.between(23.25 * hour, 24.5 * hour) - phone.now));
      trips.begin();
      streets(home, random.onceIn(3) ? paces.ride : paces.walk);
    },
    visitFriends() {
      for (const place of [...road, friends]) phone.goTo(place, paces.car);
      phone.stay(random.between(1, 4) * hour);
      round(1_200, 3, paces.walk);
      trips.begin();
      for (const place of [...road.toReversed(), home]) phone.goTo(place, paces.car);
    },
  };
}
