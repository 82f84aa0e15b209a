import { type Phone, type Place, paces, type Region } from './phone.ts';
import type { Random } from './random.ts';
import { corner, createRoutes } from './routes.ts';

const minute = 60;
const hour = 3_600;

/** A town at 47.37 north: 89.83 units a metre over the cosine of its latitude. */
const town: Region = { lat: 473_700_000, lon: 85_400_000, lonPerMetre: 132.63, height: 4_100 };
/** An island at 16.8 south, a kilometre and a half from the antimeridian. */
const island: Region = { lat: -168_000_000, lon: 1_799_860_000, lonPerMetre: 93.84, height: 20 };
/** A trip over the antimeridian comes about this often, and in the first month once. */
const daysBetweenTrips = 97;

const home: Place = { x: 0, y: 0 };

/** The life of one phone, a day at a time. */
export interface PhoneDays {
  /** Writes the points of the day that begins at `midnight`, seconds since 1970. */
  live(day: number, midnight: number): void;
}

/** @param beginTrip - Told before each way from one stay to the next. */
export function createPhoneDays(random: Random, phone: Phone, beginTrip: () => void): PhoneDays {
  const work = corner(random.between(20, 45), random.between(8, 30));
  const friends: Place = { x: random.between(-30_000, -18_000), y: random.between(9_000, 16_000) };
  const road = [0.2, 0.4, 0.6, 0.8].map((share) => ({
    x: friends.x * share + random.between(-1_500, 1_500),
    y: friends.y * share + random.between(-1_500, 1_500),
  }));
  const shop = corner(random.between(5, 14), random.between(-6, 3));
  const tripDay = random.between(18, 25);

  const { streets, round, tour } = createRoutes(random, phone);

  const leaveAt = (midnight: number, from: number, to: number): void => {
    beginTrip();
    phone.waitUntil(midnight + random.between(from, to));
  };
  const weekday = (midnight: number): void => {
    const commute = random.onceIn(5) ? paces.train : paces.ride;
    leaveAt(midnight, 6.5 * hour, 8 * hour);
    streets(work, commute);
    phone.stay(random.between(0, 90) * minute);
    if (random.onceIn(2)) {
      leaveAt(midnight, 11.5 * hour, 12.5 * hour);
      round(500, 3, paces.walk);
    }
    leaveAt(midnight, 16 * hour, 18 * hour);
    if (random.onceIn(3)) {
      streets(shop, commute);
      phone.stay(random.between(5, 25) * minute);
    }
    streets(home, commute);
    if (random.onceIn(2)) evening(midnight);
    phone.stay(random.between(0, 120) * minute);
  };
  const evening = (midnight: number): void => {
    leaveAt(midnight, 18.5 * hour, 20 * hour);
    if (random.onceIn(3)) round(1_600, 4, paces.run);
    else round(900, 3, paces.walk);
  };
  const weekend = (midnight: number): void => {
    leaveAt(midnight, 8 * hour, 10.5 * hour);
    const what = random.below(4);
    if (what === 0) {
      for (const place of [...road, friends]) phone.goTo(place, paces.car);
      phone.stay(random.between(1, 4) * hour);
      round(1_200, 3, paces.walk);
      beginTrip();
      for (const place of [...road.toReversed(), home]) phone.goTo(place, paces.car);
    } else if (what === 1) tour(random.between(7_000, 14_000), paces.tour);
    else if (what === 2) round(1_500, 4, paces.walk);
    else phone.stay(random.between(20, 200) * minute);
    if (random.onceIn(2)) evening(midnight);
  };
  /** A boat that crosses the antimeridian there and back, far from home: nothing between but two flights. */
  const boatTrip = (midnight: number): void => {
    phone.appearIn(island, { x: 0, y: 0 });
    leaveAt(midnight, 7 * hour, 9 * hour);
    phone.goTo({ x: random.between(6_000, 11_000), y: random.between(-4_000, 4_000) }, paces.boat);
    phone.stay(random.between(30, 110) * minute);
    beginTrip();
    phone.goTo({ x: -2_000, y: 1_500 }, paces.boat);
    round(800, 2, paces.walk);
  };

  return {
    live(day, midnight) {
      if (day % daysBetweenTrips === tripDay) return boatTrip(midnight);
      if (random.onceIn(25)) return;
      phone.appearIn(town, home);
      if (day % 7 >= 5) weekend(midnight);
      else weekday(midnight);
    },
  };
}
