import { Tokenizer, TokenType } from '@streamparser/json';
import type { FormatName } from './formats.ts';

/** The keys in the beginning of a JSON file. */
interface Keys {
  readonly isArray: boolean;
  /** Of the root, and of everything in it. */
  readonly root: ReadonlySet<string>;
  readonly all: ReadonlySet<string>;
}

/**
 * Finds out by the keys in a JSON file's beginning which format it has.
 *
 * @returns The format, or in words why it is none that is known.
 */
export function recogniseJson(head: Uint8Array): FormatName | { readonly why: string } {
  const { isArray, root, all } = keysIn(head);
  const has = (...keys: readonly string[]): boolean => keys.some((key) => root.has(key));
  if (has('timelineObjects')) return 'google-semantic';
  if (has('semanticSegments', 'rawSignals', 'timelineEdits')) return 'google-phone';
  if (has('locations') && all.has('latitudeE7')) return 'google-records';
  if (has('features', 'geometry', 'coordinates') || (has('locations') && all.has('geometry'))) return 'geojson';
  if (all.has('_type') && (isArray || has('data', '_type'))) return 'owntracks-json';
  if (isArray && all.has('startTime') && ['visit', 'activity', 'timelinePath', 'timelineMemory'].some((key) => all.has(key))) {
    return 'google-phone';
  }
  if (isArray && all.has('geometry')) return 'geojson';
  const shown = [...(isArray ? all : root)].slice(0, 5).join(', ');
  const keys = shown === '' ? 'nothing that is known' : `the keys ${shown}`;
  return { why: `it is JSON with ${keys}, and neither GeoJSON, OwnTracks nor a location history of Google's` };
}

/** The beginning is cut off somewhere: what is wrong with the file shows when it is read. */
function keysIn(head: Uint8Array): Keys {
  const tokenizer = new Tokenizer();
  const root = new Set<string>();
  const all = new Set<string>();
  let depth = 0;
  let isArray = false;
  let text: string | undefined;
  tokenizer.onToken = ({ token, value }) => {
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) {
      if (depth++ === 0) isArray = token === TokenType.LEFT_BRACKET;
    } else if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) {
      depth--;
    } else if (token === TokenType.COLON && text !== undefined) {
      all.add(text);
      if (depth === 1) root.add(text);
    }
    text = typeof value === 'string' && token === TokenType.STRING ? value.slice(0, 40) : undefined;
  };
  tokenizer.onError = () => undefined;
  tokenizer.write(head);
  return { isArray, root, all };
}
