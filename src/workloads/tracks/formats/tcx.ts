import type { FormatReaderOf } from './format-reader.ts';
import { createXmlReader } from './read-xml.ts';

/** Elements of a track point that matter, wherever in it they stand. */
const fields = ['Time', 'LatitudeDegrees', 'LongitudeDegrees', 'AltitudeMeters'] as const;

type Field = (typeof fields)[number];

/** Garmin's training files: each `Trackpoint` is a row; those of a treadmill have no position, and are counted as rows without one. */
export const tcx: FormatReaderOf = (sink) => {
  let point: Partial<Record<Field, string>> | undefined;
  return createXmlReader({
    open(name) {
      if (name === 'Trackpoint') point = {};
    },
    close(name, text) {
      if (!point) return;
      if ((fields as readonly string[]).includes(name)) {
        point[name as Field] = text;
      } else if (name === 'Trackpoint') {
        sink.row(point.Time, point.LatitudeDegrees, point.LongitudeDegrees, point.AltitudeMeters);
        point = undefined;
      }
    },
  });
};
