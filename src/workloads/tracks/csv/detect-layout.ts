import { createColumns } from '../columns.ts';
import { emptyTally } from '../row-counts.ts';
import { type NamedColumns, nameColumns, plainName } from './header-names.ts';
import type { CsvLayout } from './layout.ts';
import { createRowParser } from './parse-rows.ts';

/** Tried in this order; the header, or a row that is a point, decides. */
const delimiters = [',', ';', '\t', '|'] as const;

/** Columns of a file without a header. */
const usualColumns: NamedColumns = { time: 0, lat: 1, lon: 2, ele: 3, latE7: false, lonE7: false };

const e7 = 10_000_000;

/**
 * Finds out from a file's first bytes how its rows are to be read.
 *
 * @param head - The first bytes of the file, at least its first lines.
 * @param device - Name of the column that names the device of a row.
 * @returns The layout, or in words why this is no CSV file of points.
 */
export function detectLayout(head: Uint8Array, device?: string): CsvLayout | string {
  const encoding = foreignEncoding(head);
  if (encoding) return encoding;
  const start = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  const header = firstLine(head, start);
  if (header === undefined) return 'it holds no rows';
  const layout = layoutByHeader(header.text, header.next) ?? layoutByRows(head, header.start) ?? explain(header.text);
  if (device === undefined || typeof layout === 'string') return layout;
  const names = splitHeader(header.text, String.fromCharCode(layout.delimiter)).map(plainName);
  const column = layout.dataStart > header.start ? names.indexOf(plainName(device)) : -1;
  return column < 0
    ? `its first line names no column ${JSON.stringify(device)}, which is to tell devices apart`
    : { ...layout, device: column };
}

/** Marks of UTF-16, and bytes that no text has. */
function foreignEncoding(head: Uint8Array): string | undefined {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) {
    return 'it is UTF-16 text: save it as UTF-8';
  }
  const zero = head.indexOf(0);
  if (zero < 0) {
    return head.includes(13) && !head.includes(10) ? 'its lines end in CR only: save it with LF or CRLF line ends' : undefined;
  }
  const text = zero <= 1 && head.length >= 4 && head[zero + 2] === 0;
  return text ? 'it seems to be UTF-16 text: save it as UTF-8' : 'it is a binary file, not CSV';
}

interface Line {
  readonly text: string;
  readonly start: number;
  readonly next: number;
}

/** The first line that is not blank. */
function firstLine(head: Uint8Array, from: number): Line | undefined {
  for (let start = from; start < head.length; ) {
    const found = head.indexOf(10, start);
    const end = found < 0 ? head.length : found;
    const text = new TextDecoder().decode(head.subarray(start, end)).trim();
    if (text !== '') return { text, start, next: Math.min(end + 1, head.length) };
    start = end + 1;
  }
  return undefined;
}

function layoutByHeader(header: string, dataStart: number): CsvLayout | undefined {
  for (const delimiter of delimiters) {
    const columns = nameColumns(splitHeader(header, delimiter));
    if (columns.time >= 0 && columns.lat >= 0 && columns.lon >= 0) return layoutOf(delimiter, columns, dataStart);
  }
  return undefined;
}

/** Without a header the first row that is a point, among the first lines, shows the delimiter. */
function layoutByRows(head: Uint8Array, dataStart: number): CsvLayout | undefined {
  for (const delimiter of delimiters) {
    const layout = layoutOf(delimiter, usualColumns, dataStart);
    const tally = emptyTally();
    createRowParser(layout, createColumns(0), tally).parse(head, dataStart, Math.min(head.length, dataStart + 4096));
    if (tally.valid > 0) return layout;
  }
  return undefined;
}

function layoutOf(delimiter: string, columns: NamedColumns, dataStart: number): CsvLayout {
  const { time, lat, lon, ele } = columns;
  return {
    delimiter: delimiter.charCodeAt(0),
    time,
    lat,
    lon,
    ele,
    latScale: columns.latE7 ? e7 : 1,
    lonScale: columns.lonE7 ? e7 : 1,
    dataStart,
  };
}

function splitHeader(header: string, delimiter: string): string[] {
  const fields =
    header.match(new RegExp(`(?:"(?:[^"]|"")*"|[^${delimiter}"])*(?:${delimiter === '|' ? '\\|' : delimiter}|$)`, 'g')) ?? [];
  return fields.map((field) => (field.endsWith(delimiter) ? field.slice(0, -1) : field).trim());
}

function explain(header: string): string {
  const best = delimiters.map((delimiter) => splitHeader(header, delimiter)).reduce((a, b) => (b.length > a.length ? b : a));
  const columns = nameColumns(best);
  const missing = (['time', 'lat', 'lon'] as const).filter((role) => columns[role] < 0);
  const shown = header.length > 120 ? `${header.slice(0, 117)}...` : header;
  return `its first line names no column for ${missing.join(', ')}: ${JSON.stringify(shown)}. Expected a header such as timestamp,lat,lon,ele`;
}
