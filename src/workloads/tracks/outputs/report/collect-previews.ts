import type { FinalTrack } from '../shapes.ts';
import { simplifyPath } from '../simplify-path.ts';

const firstToleranceM = 5;

/** Gathers the paths that the map shows, in bounded memory. */
export interface PreviewCollector {
  /** Adds a piece to the path of a track; tracks that are not shown are passed over. */
  add(track: number, preview: Float64Array): void;
  /** The path of each shown track, in their order: longitude and latitude in turn. */
  paths(): readonly Float64Array[];
}

/**
 * Collects previews of the tracks at the given places. Whenever they come to twice `maxPoints`, all of them are simplified
 * with double the tolerance, and at the end until they fit: many tracks are drawn coarser, none is left out.
 */
export function createPreviewCollector(places: readonly number[], maxPoints: number): PreviewCollector {
  const byTrack = new Map<number, Float64Array>(places.map((place) => [place, new Float64Array()]));
  let toleranceM = firstToleranceM;
  let points = 0;

  const coarsen = (): void => {
    toleranceM *= 2;
    points = 0;
    for (const [place, path] of byTrack) {
      const simple = simplifyPath(path, toleranceM);
      byTrack.set(place, simple);
      points += simple.length / 2;
    }
  };
  // Beyond the size of the earth nothing is left to simplify: the bound ends the loop whatever the paths are.
  const fit = (limit: number): void => {
    while (points > limit && toleranceM < 1e8) coarsen();
  };

  return {
    add(track, preview) {
      const path = byTrack.get(track);
      if (!path || preview.length === 0) return;
      const simple = simplifyPath(preview, toleranceM);
      const longer = new Float64Array(path.length + simple.length);
      longer.set(path);
      longer.set(simple, path.length);
      byTrack.set(track, longer);
      points += simple.length / 2;
      fit(maxPoints * 2);
    },
    paths() {
      fit(maxPoints);
      return [...byTrack.values()];
    },
  };
}

/** The places of the tracks to show, in time order: all of them, or the longest. */
export function chooseTracks(tracks: readonly FinalTrack[], limit: number): readonly number[] {
  const places = tracks.map((_, place) => place);
  if (places.length <= limit) return places;
  const distance = (place: number): number => tracks[place]?.distanceUm ?? 0;
  return places
    .sort((a, b) => distance(b) - distance(a) || a - b)
    .slice(0, limit)
    .sort((a, b) => a - b);
}
