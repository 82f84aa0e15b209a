import type { Random } from './random.ts';
import type { DemoPoint } from './row-writer.ts';

/** A part of the world in which the phone moves: metres east and north of its origin become degrees. */
export interface Region {
  /** Ten-millionths of a degree. */
  readonly lat: number;
  readonly lon: number;
  /** Ten-millionths of a degree of longitude in one metre here: written out, since cosines may differ in the last digit between machines. */
  readonly lonPerMetre: number;
  /** Usual height, decimetres. */
  readonly height: number;
}

/** Metres east and north of a region's origin. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** How one moves. */
export interface Pace {
  /** Metres a second. */
  readonly speed: number;
  /** Seconds between two points. */
  readonly interval: number;
  /** How far a path wanders from the straight line, as a share of each step. */
  readonly wander: number;
  /** Waits for lights and crossings on the way. */
  readonly stops: boolean;
  /** Goes up and down. */
  readonly hills: boolean;
}

export const paces = {
  walk: { speed: 1.35, interval: 2, wander: 0.3, stops: true, hills: true },
  run: { speed: 2.9, interval: 2, wander: 0.2, stops: false, hills: true },
  ride: { speed: 5.2, interval: 2, wander: 0.15, stops: true, hills: true },
  tour: { speed: 6.5, interval: 2, wander: 0.7, stops: false, hills: true },
  train: { speed: 21, interval: 4, wander: 0.1, stops: false, hills: true },
  car: { speed: 14, interval: 3, wander: 0.08, stops: true, hills: true },
  boat: { speed: 7, interval: 6, wander: 0.4, stops: false, hills: false },
  nightTrain: { speed: 21, interval: 8, wander: 0.1, stops: false, hills: true },
  sail: { speed: 2.8, interval: 30, wander: 0.4, stops: false, hills: false },
} as const satisfies Readonly<Record<string, Pace>>;

const latPerMetre = 89.83;
const wholeTurn = 3_600_000_000;

/** One phone on its way: moving writes points and lets time pass. */
export interface Phone {
  /** Where it is now. */
  readonly place: Place;
  /** Its clock, seconds since 1970. */
  readonly now: number;
  /** Sets the clock, seconds since 1970; it never goes back. */
  waitUntil(time: number): void;
  /** Is somewhere else at once: a flight, or a time without the phone. */
  appearIn(region: Region, place: Place): void;
  /** Goes straight to a place. */
  goTo(place: Place, pace: Pace): void;
  /** Lies still for a while and sees itself drift: few points, some far off. */
  stay(seconds: number): void;
}

/** @param stretch - Makes every interval longer, or shorter below 1; an interval is never under a second. */
export function createPhone(random: Random, stretch: number, emit: (point: DemoPoint) => void): Phone {
  let region: Region = { lat: 0, lon: 0, lonPerMetre: latPerMetre, height: 0 };
  let x = 0;
  let y = 0;
  let clock = 0;
  let height = 0;
  let slope = 0;

  const record = (offX: number, offY: number, withHeight: boolean): void => {
    const lon = region.lon + Math.round((x + offX) * region.lonPerMetre);
    emit({
      time: Math.floor(clock),
      lat: region.lat + Math.round((y + offY) * latPerMetre),
      lon: lon > wholeTurn / 2 ? lon - wholeTurn : lon < -wholeTurn / 2 ? lon + wholeTurn : lon,
      height: withHeight ? height : undefined,
    });
  };
  /** Up to `metres` either way, in steps of a decimetre. */
  const off = (metres: number): number => random.between(-metres * 10, metres * 10) / 10;
  const climb = (): void => {
    if (random.onceIn(40)) slope = random.between(-3, 3);
    height = Math.max(region.height - 600, Math.min(region.height + 1_800, height + (random.onceIn(2) ? slope : 0)));
  };

  const stay = (seconds: number): void => {
    const end = clock + seconds;
    while (clock < end) {
      const isFar = random.onceIn(120);
      record(off(isFar ? 900 : 14), off(isFar ? 900 : 14), false);
      clock += random.between(40, 280) * Math.max(1, stretch);
    }
    clock = end;
  };

  return {
    get place() {
      return { x, y };
    },
    get now() {
      return clock;
    },
    waitUntil(time) {
      clock = Math.max(clock, time);
    },
    appearIn(next, place) {
      ({ x, y } = place);
      region = next;
      height = next.height;
    },
    goTo(target, pace) {
      const interval = Math.max(1, pace.interval * stretch);
      let sway = 0;
      for (;;) {
        const before = Math.floor(clock);
        clock += interval;
        // Rows hold whole seconds, so the way goes by these: else a second cut short would look like a sprint.
        const step = pace.speed * (Math.floor(clock) - before);
        const dx = target.x - x;
        const dy = target.y - y;
        const left = Math.sqrt(dx * dx + dy * dy);
        if (left <= step) break;
        sway = Math.max(-1, Math.min(1, sway + off(1) / 10));
        const hurry = random.between(90, 110) / 100;
        const side = sway * pace.wander;
        x += ((dx - dy * side) / left) * step * hurry;
        y += ((dy + dx * side) / left) * step * hurry;
        if (pace.hills) climb();
        record(off(0.6), off(0.6), true);
        if (pace.stops && random.onceIn(250)) clock += random.between(15, 70);
      }
      ({ x, y } = target);
      record(off(0.6), off(0.6), true);
    },
    stay,
  };
}
