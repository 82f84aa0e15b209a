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
    if (previous?.device === track.device && previous && track.startMs < previous.endMs)
      throw broken(`track ${track.id} begins before ${previous.id} ends`);
    held += track.points;
    previous = track;
  }
  checkBounds(tracks);
  if (held + lonely !== points) throw broken(`${points} points went in, ${held} are in tracks and ${lonely} are lonely`);
}

/** geolib looks at the bounds of all: as texts, too, so that asking it for each track took longer than all else here. */
function checkBounds(tracks: readonly FinalTrack[]): void {
  const all: [number, number, number, number] = [180, 90, -180, -90];
  let isUpright = true;
  for (const { bbox } of tracks) {
    const [west, south, east, north] = bbox;
    all[0] = Math.min(all[0], west, east);
    all[1] = Math.min(all[1], south);
    all[2] = Math.max(all[2], west, east);
    all[3] = Math.max(all[3], north);
    isUpright &&= south <= north;
  }
  if (tracks.length === 0 || (isUpright && isOnEarth(all))) return;
  const track = tracks.find(({ bbox }) => !isOnEarth(bbox));
  if (track) throw broken(`track ${track.id} has the bounds ${track.bbox.join(', ')}`);
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
