import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { type StagedFile, stageFile } from '../src/workloads/output/staged-file.ts';
import { type Columns, createColumns } from '../src/workloads/tracks/columns.ts';
import { detectLayout } from '../src/workloads/tracks/csv/detect-layout.ts';
import { createRowParser } from '../src/workloads/tracks/csv/parse-rows.ts';
import { createLineReader } from '../src/workloads/tracks/csv/read-lines.ts';
import { finalTracks } from '../src/workloads/tracks/final-tracks.ts';
import { haversine } from '../src/workloads/tracks/haversine.ts';
import type { FinalTrack } from '../src/workloads/tracks/outputs/shapes.ts';
import { createTracksGeojson } from '../src/workloads/tracks/outputs/tracks-geojson.ts';
import { createTracksJson } from '../src/workloads/tracks/outputs/tracks-json.ts';
import { geojsonCoordinates } from '../src/workloads/tracks/path-text.ts';
import { emptyTally } from '../src/workloads/tracks/row-counts.ts';
import { splits, type TrackRules } from '../src/workloads/tracks/rules.ts';
import { extendSegment, rowWidth, startSegment } from '../src/workloads/tracks/segment-row.ts';

/** Bytes read before what they hold is turned into tracks. */
const rangeBytes = 1_048_576;
const headBytes = 65_536;

/**
 * The program that one would write without an engine: one thread, one pass over a sorted file in ranges, the same parser, rules
 * and writers. No chunks, no batches, nothing to combine; it can't be resumed, and fails on the first surprise.
 */
export async function plainTracks(csv: string, out: string, rules: TrackRules): Promise<void> {
  await mkdir(out, { recursive: true });
  const json = await stageFile(out, 'tracks.json');
  const geojson = await stageFile(out, 'tracks.geojson');
  const files = [json, geojson];
  const writers = [createTracksJson(json), createTracksGeojson(geojson)] as const;
  const points = createColumns(rangeBytes / 16);
  const segments = createSegmenter(points, rules, (track, path) => {
    for (const writer of writers) {
      writer.openTrack(track);
      writer.addPiece({ track: 0, geojson: path, preview: noPreview });
      writer.closeTrack(track);
    }
  });
  for (const writer of writers) writer.begin();
  for (const _ of ranges(csv, points)) {
    segments.goOn();
    await flush(files);
  }
  segments.end();
  for (const writer of writers) writer.end();
  for (const file of files) await file.seal();
  for (const file of files) await file.publish();
}

const noPreview = new Float64Array(0);

async function flush(files: readonly StagedFile[]): Promise<void> {
  for (const file of files) await file.flush();
}

/** Adds the points of one range after another, cut at line ends, to the columns. */
function* ranges(csv: string, points: Columns): Generator<void> {
  const file = openSync(csv, 'r');
  try {
    const { size } = fstatSync(file);
    const head = Buffer.alloc(headBytes);
    const layout = detectLayout(head.subarray(0, readSync(file, head, 0, headBytes, 0)));
    if (typeof layout === 'string') throw new Error(layout);
    const parser = createRowParser(layout, points, emptyTally());
    const readLines = createLineReader();
    for (let begin = layout.dataStart; begin < size; ) {
      const end = lineStart(file, begin + rangeBytes, size);
      readLines(file, begin, end, parser);
      yield;
      begin = end;
    }
  } finally {
    closeSync(file);
  }
}

function lineStart(file: number, from: number, size: number): number {
  const window = Buffer.alloc(headBytes);
  for (let at = from; at < size; at += headBytes) {
    const lineBreak = window.subarray(0, readSync(file, window, 0, headBytes, at)).indexOf(10);
    if (lineBreak >= 0) return at + lineBreak + 1;
  }
  return size;
}

/** Goes through the points once, drops duplicates, and hands each track out as soon as it is whole. */
function createSegmenter(points: Columns, rules: TrackRules, done: (track: FinalTrack, path: Uint8Array) => void) {
  const row = new Float64Array(rowWidth);
  /** Points up to here are looked at; those before it that are kept lie in one piece, so that a track's path does. */
  let kept = 0;
  /** Where the open track begins, and where the points of the last moment do. */
  let start = 0;
  let moment = 0;
  let lastStart = Number.NaN;
  let sameStart = 0;

  const finish = (): void => {
    if (kept === start || kept - start < rules.minPoints) return;
    const [track] = finalTracks(row);
    if (!track) return;
    sameStart = track.startMs === lastStart ? sameStart + 1 : 0;
    lastStart = track.startMs;
    done({ ...track, id: `t${track.startMs}-${sameStart}` }, geojsonCoordinates(points.lat, points.lon, start, kept));
  };

  const take = (i: number): void => {
    const { time, lat, lon, ele } = points;
    const t = time[i] as number;
    const y = lat[i] as number;
    const x = lon[i] as number;
    const before = kept - 1;
    if (kept > 0 && t <= (time[before] as number)) {
      if (t < (time[before] as number)) throw new Error('the file is not in time order');
      for (let j = moment; j < kept; j++) if (lat[j] === y && lon[j] === x) return;
    } else {
      moment = kept;
    }
    const metres = kept > 0 ? haversine(lat[before] as number, lon[before] as number, y, x) : 0;
    if (kept > 0 && !splits(rules, t - (time[before] as number), metres)) {
      extendSegment(row, 0, points, i, metres);
    } else {
      finish();
      start = kept;
      startSegment(row, 0, t, y, x, ele[i] as number);
    }
    time[kept] = t;
    lat[kept] = y;
    lon[kept] = x;
    ele[kept++] = ele[i] as number;
  };

  /** Moves what is still needed to the beginning: the open track and the last moment. */
  const forget = (): void => {
    const from = Math.min(start, moment);
    for (const name of ['time', 'lat', 'lon', 'ele'] as const) points[name].copyWithin(0, from, kept);
    kept -= from;
    start -= from;
    moment -= from;
    points.length = kept;
  };

  return {
    goOn(): void {
      const { length } = points;
      for (let i = kept; i < length; i++) take(i);
      forget();
    },
    end: finish,
  };
}
