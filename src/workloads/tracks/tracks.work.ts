import { type Chunk, type ChunkContext, defineWork, type SetupContext } from '../../model/work.ts';
import type { ChunkOutput } from './chunk-output.ts';
import { type Cleaning, cleanPoints } from './clean-points.ts';
import type { Run, TimeSlice } from './history.ts';
import { createSliceReader, type SliceReader } from './read-slice.ts';
import type { TrackRules } from './rules.ts';
import { createPathWriter, type PathKinds, type PathWriter } from './segment-paths.ts';
import { segmentPoints } from './segment-points.ts';

/** All that the workers see of the input. */
export interface TracksSettings {
  readonly runs: readonly Run[];
  readonly rules: TrackRules;
  readonly cleaning: Cleaning;
  readonly paths: PathKinds;
}

/** What a worker reads and writes with: the same memory for all of its chunks. */
interface Tools {
  readonly reader: SliceReader;
  readonly writePaths: PathWriter;
}

/** Reads the points of one range of time and makes segments of them. What it returns is valid until the next chunk: the engine encodes it at once. */
export default defineWork({
  setup: ({ settings }: SetupContext<TracksSettings>): Tools => ({
    reader: createSliceReader(settings.runs),
    writePaths: createPathWriter(settings.paths),
  }),
  chunk: (
    { slice }: Chunk<unknown, TimeSlice>,
    { settings, resource, progress, count }: ChunkContext<TracksSettings, Tools>,
  ): ChunkOutput => {
    const { points, counts } = resource.reader.read(slice, () => progress(0));
    const { stays, ...dropped } = cleanPoints(points, slice, settings.cleaning);
    const segments = segmentPoints(points, settings.rules, slice.device, stays);
    count('rows', counts.rows);
    count('points', points.length);
    return {
      table: segments.table,
      segments: segments.count,
      lonely: segments.lonely,
      ...dropped,
      counts,
      rules: settings.rules,
      paths: resource.writePaths(points, segments),
    };
  },
});
