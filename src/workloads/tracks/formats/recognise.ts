import { detectLayout } from '../csv/detect-layout.ts';
import type { CsvLayout } from '../csv/layout.ts';
import { FormatError } from './format-reader.ts';
import type { FormatName } from './formats.ts';
import { doctypeRefused, encodingOf } from './read-xml.ts';
import { recogniseJson } from './recognise-json.ts';

/** What a file is: CSV with its layout, or one of the formats. */
export type Recognised = { readonly format: 'csv'; readonly layout: CsvLayout } | { readonly format: FormatName };

/**
 * Finds out from a file's first bytes what it is. Names do not matter.
 *
 * @param head - The first bytes, at least the first 64 KB where there are so many.
 * @param device - Name of the column of CSV that tells devices apart.
 * @returns What it is, or in words why it is nothing that can be read.
 */
export function recognise(head: Uint8Array, device?: string): Recognised | string {
  if (startsWith(head, 'PK\x03\x04')) return 'it is a binary file, a ZIP archive such as KMZ or a Takeout: unpack it first';
  if (startsWith(head, '.FIT', 8)) return { format: 'fit' };
  try {
    const format = xmlFormat(head) ?? lineFormat(head);
    if (format) return { format };
    if (isJson(head)) {
      const found = recogniseJson(head);
      return typeof found === 'string' ? { format: found } : found.why;
    }
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
  const layout = detectLayout(head, device);
  return typeof layout === 'string' ? layout : { format: 'csv', layout };
}

function startsWith(head: Uint8Array, text: string, at = 0): boolean {
  return [...text].every((letter, n) => head[at + n] === letter.charCodeAt(0));
}

/** The line of a recorder: time, kind, message. */
const recLine = /^\ufeff?\d{4}-\d\d-\d\dT[\d:.]+Z\t[^\t\n]*\t\s*\{/;

function lineFormat(head: Uint8Array): FormatName | undefined {
  const text = new TextDecoder().decode(head.subarray(0, 1024)).trimStart();
  // The second is how GeoLife's copies begin.
  if (/^(?:OziExplorer Track Point File|Geolife trajectory)/.test(text)) return 'plt';
  return recLine.test(text) ? 'owntracks-rec' : undefined;
}

function isJson(head: Uint8Array): boolean {
  return /^[\s\ufeff]*[[{]/.test(new TextDecoder().decode(head.subarray(0, 1024)));
}

const roots: Readonly<Record<string, FormatName>> = { gpx: 'gpx', kml: 'kml', TrainingCenterDatabase: 'tcx' };

/** What may stand before the root: declarations, comments. */
const prologue = /^\s*(?:<\?[\s\S]*?\?>\s*|<!--[\s\S]*?-->\s*)*/;

function xmlFormat(head: Uint8Array): FormatName | undefined {
  const text = new TextDecoder(encodingOf(head)).decode(head);
  const root = text.replace(prologue, '');
  if (/^<!DOCTYPE/i.test(root)) throw doctypeRefused();
  const name = /^<(?:[\w.-]+:)?([\w.-]+)[\s/>]/.exec(root)?.[1];
  if (name === undefined) return undefined;
  const format = Object.hasOwn(roots, name) ? roots[name] : undefined;
  if (!format)
    throw new FormatError(`it is XML, but its root <${name.slice(0, 40)}> is none of ${Object.keys(roots).join(', ')}`);
  return format;
}
