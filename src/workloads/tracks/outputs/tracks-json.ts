import type { StagedFile } from '../../output/staged-file.ts';
import { type OutputWriter, skip } from './output-writer.ts';
import { recordText } from './track-record.ts';

/** `tracks.json`: an array of records in time order, one a line. */
export function createTracksJson(file: StagedFile): OutputWriter {
  let before = '\n';
  return {
    begin: () => file.add('['),
    openTrack(track) {
      file.add(before + recordText(track));
      before = ',\n';
    },
    addPiece: skip,
    closeTrack: skip,
    end: () => file.add('\n]\n'),
  };
}
