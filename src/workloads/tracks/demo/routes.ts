import type { Pace, Phone, Place } from './phone.ts';
import type { Random } from './random.ts';

/** Streets run along a grid of this many metres. */
const block = 110;

/** Eight directions, in order around. No sines: their last digit may differ between machines. */
const directions: readonly Place[] = [
  { x: 1, y: 0 },
  { x: Math.SQRT1_2, y: Math.SQRT1_2 },
  { x: 0, y: 1 },
  { x: -Math.SQRT1_2, y: Math.SQRT1_2 },
  { x: -1, y: 0 },
  { x: -Math.SQRT1_2, y: -Math.SQRT1_2 },
  { x: 0, y: -1 },
  { x: Math.SQRT1_2, y: -Math.SQRT1_2 },
];

/** Ways to go from where the phone is. */
export interface Routes {
  /** Along the streets: a few corners, each reached by one coordinate alone. */
  streets(to: Place, pace: Pace): void;
  /** Through corners within `reach` metres and back, along the streets. */
  round(reach: number, corners: number, pace: Pace): void;
  /** A loop of about `width` metres across the country. */
  tour(width: number, pace: Pace): void;
}

/** Routes of one phone. */
export function createRoutes(random: Random, phone: Phone): Routes {
  const streets: Routes['streets'] = (to, pace) => {
    const corners = random.between(1, 3);
    const from = phone.place;
    for (let i = 1; i <= corners; i++) {
      const next = nearestCorner({ x: from.x + ((to.x - from.x) * i) / corners, y: from.y + ((to.y - from.y) * i) / corners });
      phone.goTo({ x: next.x, y: phone.place.y }, pace);
      phone.goTo(next, pace);
    }
    phone.goTo(to, pace);
  };
  const near = ({ x, y }: Place, reach: number): Place => ({
    x: x + random.between(-reach, reach),
    y: y + random.between(-reach, reach),
  });
  return {
    streets,
    round(reach, corners, pace) {
      const start = phone.place;
      for (let i = 0; i < corners; i++) streets(nearestCorner(near(start, reach)), pace);
      streets(start, pace);
    },
    tour(width, pace) {
      const start = phone.place;
      const away = random.below(directions.length);
      const centre = along(start, away, width / 2);
      for (let turn = 1; turn < directions.length; turn++) {
        phone.goTo(along(centre, away + directions.length / 2 + turn, (width / 200) * random.between(70, 130)), pace);
      }
      phone.goTo(start, pace);
    },
  };
}

/** A corner of the streets, by its place in the grid. */
export function corner(column: number, row: number): Place {
  return { x: column * block, y: row * block };
}

function along(from: Place, direction: number, metres: number): Place {
  const { x, y } = directions[direction % directions.length] as Place;
  return { x: from.x + x * metres, y: from.y + y * metres };
}

function nearestCorner({ x, y }: Place): Place {
  return corner(Math.round(x / block), Math.round(y / block));
}
