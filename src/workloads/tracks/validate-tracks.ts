import { isValidCoordinate } from 'geolib';
import { MillraceError } from '../../model/errors.ts';
import type { FinalTrack } from './outputs/shapes.ts';

/**
 * Checks what must hold of any history's tracks, whatever happened on the way (S0-30): none ends before it begins, none overlaps the one before,
 * bounds are places on Earth, and each point is in one track or lonely.
 *
 * @param points - Points that are valid and no duplicates.
 * @throws MillraceError `FINALIZE_FAILED` saying what does not hold.
 */
export function validateTracks(tracks: readonly FinalTrack[], points: number, lonely: number): void {
  let previous: FinalTrack | undefined;
  let held = 0;
  for (const track of tracks) {
    if (track.endMs < track.startMs) throw broken(`track ${track.id} ends before it begins`);
    if (previous && track.startMs < previous.endMs) throw broken(`track ${track.id} begins before ${previous.id} ends`);
    if (!isOnEarth(track.bbox)) throw broken(`track ${track.id} has the bounds ${track.bbox.join(', ')}`);
    held += track.points;
    previous = track;
  }
  if (held + lonely !== points) throw broken(`${points} points went in, ${held} are in tracks and ${lonely} are lonely`);
}

function isOnEarth([west, south, east, north]: FinalTrack['bbox']): boolean {
  return isValidCoordinate({ lon: west, lat: south }) && isValidCoordinate({ lon: east, lat: north }) && south <= north;
}

function broken(what: string): MillraceError {
  return new MillraceError(
    'FINALIZE_FAILED',
    `The tracks are not consistent: ${what}. This is a fault of Millrace; please report it.`,
  );
}
