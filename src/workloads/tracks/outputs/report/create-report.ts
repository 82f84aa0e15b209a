import type { StagedFile } from '../../../output/staged-file.ts';
import { type OutputWriter, skip } from '../output-writer.ts';
import type { OutputSources } from '../shapes.ts';
import { chooseTracks, createPreviewCollector } from './collect-previews.ts';
import { maxBatches, reportContent } from './report-content.ts';
import { reportPage } from './report-page.ts';

/** Most tracks that the page shows, and most points that its map draws. */
const maxTracks = 3_000;
const maxMapPoints = 50_000;

/** `report.html`: one page without any outside request, with a map, the tracks, and what each worker did when. */
export function createReport(file: StagedFile, sources: OutputSources): OutputWriter {
  const { tracks, batches } = sources;
  const places = chooseTracks(tracks, maxTracks);
  const previews = createPreviewCollector(places, maxMapPoints);
  const notes = [
    ...(places.length < tracks.length
      ? [`The ${maxTracks} longest of ${tracks.length} tracks are shown here; tracks.json has all.`]
      : []),
    ...(batches.length > maxBatches
      ? [`The timeline shows ${maxBatches} of ${batches.length} batches: the failed and the longest.`]
      : []),
    ...(batches.some(({ assumedLane }) => assumedLane)
      ? ['The lanes of the timeline are reconstructed from when batches began and ended: which worker ran which is not kept.']
      : []),
  ];
  return {
    begin: skip,
    openTrack: skip,
    addPiece: ({ track, preview }) => previews.add(track, preview),
    closeTrack: skip,
    end: () => file.add(reportPage(sources, reportContent(sources, places, previews.paths()), notes)),
  };
}
