import { MillraceError } from '../../../model/errors.ts';
import type { StagedFile } from '../../output/staged-file.ts';
import { escapeMarkup } from './escape-markup.ts';
import type { OutputWriter } from './output-writer.ts';

/** `tracks.gpx`: GPX 1.1, one `trk` with one `trkseg` per track, one point a line. */
export function createTracksGpx(file: StagedFile): OutputWriter {
  return {
    begin: () =>
      file.add(
        '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="Millrace" xmlns="http://www.topografix.com/GPX/1/1">\n',
      ),
    openTrack: ({ id }) => file.add(`<trk><name>${escapeMarkup(id)}</name><trkseg>\n`),
    addPiece({ gpx, track }) {
      if (!gpx)
        throw new MillraceError(
          'FINALIZE_FAILED',
          `tracks.gpx needs the GPX text of every path; track ${track} came without it.`,
        );
      file.add(gpx);
    },
    closeTrack: () => file.add('</trkseg></trk>\n'),
    end: () => file.add('</gpx>\n'),
  };
}
