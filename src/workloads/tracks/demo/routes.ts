import type { Pace, Phone, Place } from './phone.ts';
import type { Random } from './random.ts';

/** Streets run along a grid of this many metres. */
const block = 110;

/** Ways to go from where the phone is. */
export interface Routes {
  /** Along the streets: a few corners, each reached by one coordinate alone. */
  streets(to: Place, pace: Pace): void;
  /** Through corners within `reach` metres and back, along the streets. */
  round(reach: number, corners: number, pace: Pace): void;
  /** Through places within `reach` metres and back, across the country. */
  tour(reach: number, places: number, pace: Pace): void;
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
    tour(reach, places, pace) {
      const start = phone.place;
      for (let i = 0; i < places; i++) phone.goTo(near(start, reach), pace);
      phone.goTo(start, pace);
    },
  };
}

/** A corner of the streets, by its place in the grid. */
export function corner(column: number, row: number): Place {
  return { x: column * block, y: row * block };
}

function nearestCorner({ x, y }: Place): Place {
  return corner(Math.round(x / block), Math.round(y / block));
}
