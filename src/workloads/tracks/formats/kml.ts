import { FormatError, type FormatReaderOf } from './format-reader.ts';
import { createXmlReader } from './read-xml.ts';

/** Positions of one placemark or track that are held until its times are known. */
const maxHeld = 1_000_000;

/**
 * KML: each `gx:coord` of a track with the `when` of the same place; each position of a placemark's points and lines at the placemark's time, or
 * at the beginning of its span. Areas are no positions.
 */
export const kml: FormatReaderOf = (sink) => {
  let placemark: { time: string | undefined; readonly positions: string[] } | undefined;
  let track: { readonly times: string[]; readonly positions: string[] } | undefined;
  /** Depth of the geometry that is open, when it is one whose positions count. */
  let geometry = 0;

  const row = (time: string | undefined, position: string | undefined, separator: RegExp | string): void => {
    const [lon, lat, ele] = (position ?? '').split(separator);
    sink.row(time, lat, lon, ele);
  };
  const hold = (list: string[], texts: readonly string[]): void => {
    if (list.length + texts.length > maxHeld) throw new FormatError(`a placemark of it holds more than ${maxHeld} positions`);
    for (const text of texts) list.push(text);
  };
  const closeTrack = ({ times, positions }: NonNullable<typeof track>): void => {
    const count = Math.max(times.length, positions.length);
    for (let n = 0; n < count; n++) row(times[n], positions[n], /\s+/);
    track = undefined;
  };
  const closePlacemark = ({ time, positions }: NonNullable<typeof placemark>): void => {
    for (const position of positions) row(time, position, ',');
    placemark = undefined;
  };
  return createXmlReader({
    open(name, _, depth) {
      if (name === 'Placemark') placemark = { time: undefined, positions: [] };
      else if (name === 'Track') track = { times: [], positions: [] };
      else if (name === 'Point' || name === 'LineString') geometry = depth;
    },
    close(name, text, depth) {
      if (track) {
        if (name === 'when') hold(track.times, [text]);
        else if (name === 'coord') hold(track.positions, [text]);
        else if (name === 'Track') closeTrack(track);
      } else if (placemark) {
        if (name === 'when' || name === 'begin') placemark.time ??= text;
        else if (name === 'coordinates' && depth === geometry + 1) hold(placemark.positions, text.split(/\s+/));
        else if (name === 'Placemark') closePlacemark(placemark);
      }
      if (depth === geometry) geometry = 0;
    },
  });
};
