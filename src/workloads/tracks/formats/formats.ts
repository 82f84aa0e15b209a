import type { FormatReaderOf } from './format-reader.ts';
import { gpx } from './gpx.ts';

/** The formats that are read from beginning to end, by name. CSV is not among them: its files can be read from any line. */
export const formats = { gpx } satisfies Record<string, FormatReaderOf>;

/** Name of a format that is read from beginning to end. */
export type FormatName = keyof typeof formats;
