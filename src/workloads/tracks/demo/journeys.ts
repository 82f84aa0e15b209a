import { type Phone, type Place, paces, type Region } from './phone.ts';
import type { Random } from './random.ts';
import type { Routes } from './routes.ts';
import type { Trips } from './trips.ts';

const minute = 60;
const hour = 3_600;

/** An island at 16.8 south, a kilometre and a half from the antimeridian. */
const island: Region = { lat: -168_000_000, lon: 1_799_860_000, lonPerMetre: 93.84, height: 20 };
/** A harbour at 43.88 north; to its south lie more than a hundred kilometres of open water. */
const harbour: Region = { lat: 438_800_000, lon: 80_300_000, lonPerMetre: 124.63, height: 10 };
const quay: Place = { x: 0, y: 0 };

/** Journeys far from home. The longer ones go on over one midnight or several, without a gap that would split them. */
export interface Journeys {
  /** Somewhere between the night train there and the one home. */
  readonly isInCity: boolean;
  /** A day on an island: a boat crosses the antimeridian there and back. */
  boatTrip(midnight: number): void;
  /** Sails more than two days and nights, and ends in the harbour where it began. */
  sail(midnight: number): void;
  /** Takes the night train to the city. */
  leaveForCity(midnight: number): void;
  /** A day in the city, and home through the next night. */
  cityDay(midnight: number): void;
}

export function createJourneys(random: Random, phone: Phone, { round }: Routes, trips: Trips): Journeys {
  const home = phone.place;
  const city: Place = { x: random.between(180_000, 330_000), y: random.between(120_000, 260_000) };
  let isInCity = false;

  /** Stands in stations for some minutes, and sees nothing there. */
  const nightTrain = (to: Place): void => {
    const from = phone.place;
    const parts = random.between(3, 5);
    for (let part = 1; part < parts; part++) {
      const x = from.x + ((to.x - from.x) * part) / parts + random.between(-9_000, 9_000);
      const y = from.y + ((to.y - from.y) * part) / parts + random.between(-9_000, 9_000);
      phone.goTo({ x, y }, paces.nightTrain);
      phone.waitUntil(phone.now + random.between(2, 14) * minute);
    }
    phone.goTo(to, paces.nightTrain);
  };

  return {
    get isInCity() {
      return isInCity;
    },
    boatTrip(midnight) {
      phone.appearIn(island, quay);
      trips.leaveAt(midnight, 7 * hour, 9 * hour);
      phone.goTo({ x: random.between(6_000, 11_000), y: random.between(-4_000, 4_000) }, paces.boat);
      phone.stay(random.between(30, 110) * minute);
      trips.begin();
      phone.goTo({ x: -2_000, y: 1_500 }, paces.boat);
      round(800, 2, paces.walk);
    },
    sail(midnight) {
      phone.appearIn(harbour, quay);
      trips.leaveAt(midnight, 6 * hour, 9 * hour);
      const turnBack = phone.now + random.between(48, 56) * hour;
      while (phone.now < turnBack) {
        const buoy = { x: random.between(-20_000, 50_000), y: random.between(-80_000, -25_000) };
        phone.goTo(buoy, { ...paces.sail, speed: random.between(20, 36) / 10 });
      }
      phone.goTo(quay, paces.sail);
    },
    leaveForCity(midnight) {
      trips.leaveAt(midnight, 20.5 * hour, 22 * hour);
      nightTrain(city);
      isInCity = true;
    },
    cityDay(midnight) {
      trips.leaveAt(midnight, 8 * hour, 10 * hour);
      round(1_500, 4, paces.walk);
      phone.stay(random.between(30, 150) * minute);
      trips.leaveAt(midnight, 20.5 * hour, 22 * hour);
      nightTrain(home);
      isInCity = false;
    },
  };
}
