import type { StagedFile } from '../../output/staged-file.ts';
import type { OutputWriter } from './output-writer.ts';
import type { FinalTrack } from './shapes.ts';
import { recordText } from './track-record.ts';

const openBracket = '['.charCodeAt(0);

/**
 * `tracks.geojson`: a FeatureCollection (RFC 7946), one feature a line.
 *
 * Whether a path is cut at the antimeridian is known only at its end, and a path may be too long to hold. So a place is left
 * blank before its first bracket, filled with a second bracket if there was a cut, and the type is written behind the coordinates.
 */
export function createTracksGeojson(file: StagedFile): OutputWriter {
  let before = '\n';
  let blank = 0;
  let mayBeCut = false;
  let isCut = false;
  return {
    begin: () => file.add('{"type":"FeatureCollection","features":['),
    openTrack(track) {
      const head = `"type":"Feature","id":${JSON.stringify(track.id)},"properties":${recordText(track)}`;
      file.add(`${before}{${head},"geometry":{"coordinates":`);
      before = ',\n';
      isCut = false;
      mayBeCut = reachesAntimeridian(track.bbox);
      blank = file.position;
      // The positions of a point stand without brackets around them.
      file.add(track.points === 1 ? ' ' : ' [');
    },
    addPiece({ geojson }) {
      if (mayBeCut && !isCut) isCut = Buffer.from(geojson.buffer, geojson.byteOffset, geojson.length).includes(']],[[');
      file.add(geojson);
    },
    closeTrack(track) {
      if (isCut) file.patch(blank, openBracket);
      file.add(track.points === 1 ? ',"type":"Point"}}' : isCut ? ']],"type":"MultiLineString"}}' : '],"type":"LineString"}}');
    },
    end: () => file.add('\n]}\n'),
  };
}

/** Whether a path with these bounds may cross 180 degrees of longitude: most can't, and their text need not be looked through. */
function reachesAntimeridian([west, , east]: FinalTrack['bbox']): boolean {
  return west > east || west === -180 || east === 180;
}
