import type { FormatReaderOf } from './format-reader.ts';
import { createXmlReader } from './read-xml.ts';

/** GPX 1.0 and 1.1: each `trkpt` of any track and segment is a row. Waypoints and routes tell of places, not of where somebody was when. */
export const gpx: FormatReaderOf = (sink) => {
  /** Depth of the track point that is open; 0: none. */
  let point = 0;
  let lat: string | undefined;
  let lon: string | undefined;
  let time: string | undefined;
  let ele: string | undefined;
  return createXmlReader({
    open(name, attributes, depth) {
      if (name !== 'trkpt' || point > 0) return;
      point = depth;
      ({ lat, lon } = attributes);
      time = ele = undefined;
    },
    close(name, text, depth) {
      // Extensions have elements of the same names deeper down.
      if (point > 0 && depth === point + 1) {
        if (name === 'time') time = text;
        else if (name === 'ele') ele = text;
      } else if (depth === point) {
        sink.row(time, lat, lon, ele);
        point = 0;
      }
    },
  });
};
