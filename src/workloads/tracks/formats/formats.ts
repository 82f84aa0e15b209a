import { fit } from './fit.ts';
import type { FormatReaderOf } from './format-reader.ts';
import { geojson } from './geojson.ts';
import { googleRecords, googleSemantic } from './google.ts';
import { googlePhone } from './google-phone.ts';
import { gpx } from './gpx.ts';
import { kml } from './kml.ts';
import { owntracksJson, owntracksRec } from './owntracks.ts';
import { plt } from './plt.ts';
import { tcx } from './tcx.ts';

/** The formats that are read from beginning to end, by name. CSV is not among them: its files can be read from any line. */
export const formats = {
  gpx,
  kml,
  tcx,
  plt,
  fit,
  geojson,
  'owntracks-rec': owntracksRec,
  'owntracks-json': owntracksJson,
  'google-records': googleRecords,
  'google-semantic': googleSemantic,
  'google-phone': googlePhone,
} satisfies Record<string, FormatReaderOf>;

/** Name of a format that is read from beginning to end. */
export type FormatName = keyof typeof formats;
