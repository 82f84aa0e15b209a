/** Radius of the sphere that distances are measured on, metres: the equatorial radius, as geolib has it. */
export const earthRadius = 6_378_137;

const radians = Math.PI / 180;

/**
 * Great-circle distance in metres by the haversine formula, not rounded.
 *
 * geolib's `getDistance` takes the arc cosine, which loses digits on short steps, and rounds each step to whole metres:
 * on a track of one point a second that is an error of up to 30 %.
 */
export function haversine(latA: number, lonA: number, latB: number, lonB: number): number {
  const sinLat = Math.sin(((latB - latA) * radians) / 2);
  const sinLon = Math.sin(((lonB - lonA) * radians) / 2);
  const h = sinLat * sinLat + Math.cos(latA * radians) * Math.cos(latB * radians) * sinLon * sinLon;
  return 2 * earthRadius * Math.asin(Math.sqrt(Math.min(h, 1)));
}
