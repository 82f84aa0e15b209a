import { createJourneys } from './journeys.ts';
import { createOutings } from './outings.ts';
import { type Phone, type Place, paces, type Region } from './phone.ts';
import type { Random } from './random.ts';
import { corner, createRoutes } from './routes.ts';
import { createTrips } from './trips.ts';

const minute = 60;
const hour = 3_600;

/** A town at 47.37 north: 89.83 units a metre over the cosine of its latitude. */
const town: Region = { lat: 473_700_000, lon: 85_400_000, lonPerMetre: 132.63, height: 4_100 };
/** A trip over the antimeridian comes about this often, and in the first month once. */
const daysBetweenTrips = 97;
/** Eight weeks: each long sail begins on a Friday, the first in the first month. */
const daysBetweenSails = 56;
const sailDay = 11;
/** Who is on the way at this hour of the morning does nothing else on that day. */
const morning = 7 * hour;

const home: Place = { x: 0, y: 0 };

/** The life of one phone, a day at a time. */
export interface PhoneDays {
  /** Writes the points of what begins on the day that begins at `midnight`, seconds since 1970: a journey may go on for days. */
  live(day: number, midnight: number): void;
}

/** @param beginTrip - Told before each way from one stay to the next. */
export function createPhoneDays(random: Random, phone: Phone, beginTrip: () => void): PhoneDays {
  phone.appearIn(town, home);
  const routes = createRoutes(random, phone);
  const trips = createTrips(random, phone, beginTrip);
  const outings = createOutings(random, phone, routes, trips);
  const journeys = createJourneys(random, phone, routes, trips);
  const work = corner(random.between(20, 45), random.between(8, 30));
  const shop = corner(random.between(5, 14), random.between(-6, 3));
  const tripDay = random.between(18, 25);

  const workAndBack = (midnight: number): void => {
    const commute = random.onceIn(5) ? paces.train : paces.ride;
    trips.leaveAt(midnight, 6.5 * hour, 8 * hour);
    routes.streets(work, commute);
    phone.stay(random.between(0, 90) * minute);
    if (random.onceIn(2)) {
      trips.leaveAt(midnight, 11.5 * hour, 12.5 * hour);
      routes.round(500, 3, paces.walk);
    }
    trips.leaveAt(midnight, 16 * hour, 18 * hour);
    if (random.onceIn(3)) {
      routes.streets(shop, commute);
      phone.stay(random.between(5, 25) * minute);
    }
    routes.streets(home, commute);
  };
  const weekday = (midnight: number, isFriday: boolean): void => {
    workAndBack(midnight);
    if (isFriday && random.onceIn(5)) {
      journeys.leaveForCity(midnight);
      return;
    }
    if (random.onceIn(isFriday ? 2 : 10)) outings.lateEvening(midnight);
    else if (random.onceIn(2)) outings.evening(midnight);
    phone.stay(random.between(0, 120) * minute);
  };
  const weekend = (midnight: number, isSaturday: boolean): void => {
    trips.leaveAt(midnight, 8 * hour, 10.5 * hour);
    const what = random.below(4);
    if (what === 0) outings.visitFriends();
    else if (what === 1) routes.tour(random.between(7_000, 14_000), paces.tour);
    else if (what === 2) routes.round(1_500, 4, paces.walk);
    else phone.stay(random.between(20, 200) * minute);
    if (isSaturday && random.onceIn(2)) outings.lateEvening(midnight);
    else if (random.onceIn(2)) outings.evening(midnight);
  };

  return {
    live(day, midnight) {
      if (phone.now > midnight + morning) return;
      if (journeys.isInCity) return journeys.cityDay(midnight);
      if (day % daysBetweenTrips === tripDay) return journeys.boatTrip(midnight);
      if (day % daysBetweenSails === sailDay) return journeys.sail(midnight);
      if (random.onceIn(25)) return;
      phone.appearIn(town, home);
      if (day % 7 >= 5) weekend(midnight, day % 7 === 5);
      else weekday(midnight, day % 7 === 4);
    },
  };
}
