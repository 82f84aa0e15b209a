import { isUtf8 } from 'node:buffer';
import type { RefusalCode } from './codes.ts';

/** What a line holds: an object out of its JSON, or why there is none. */
export type LineContent = { readonly object: Readonly<Record<string, unknown>> } | { readonly kind: 'blank' | RefusalCode };

const [carriageReturn, quote, backslash] = [13, 34, 92] as const;
const [openBracket, closeBracket, openBrace, closeBrace] = [91, 93, 123, 125] as const;

/** Reads the JSON object of one line. One byte order mark and a final carriage return are no part of it. */
export function readObject(line: Uint8Array, maxDepth: number): LineContent {
  const bytes = withoutFrame(line);
  if (!isUtf8(bytes)) return { kind: 'invalid_utf8' };
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  if (text.trim() === '') return { kind: 'blank' };
  // Before it is parsed: parsers that call themselves for each level are ended by deep nesting, and take their process along.
  if (isDeeper(bytes, maxDepth)) return { kind: 'nesting_too_deep' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'invalid_json' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { kind: 'not_an_object' };
  return { object: value as Record<string, unknown> };
}

function withoutFrame(line: Uint8Array): Uint8Array {
  const from = line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? 3 : 0;
  return line.subarray(from, line.length - (line.length > from && line.at(-1) === carriageReturn ? 1 : 0));
}

/** Whether more brackets than that are open at once, outside of strings. Looks at each byte once, and calls nothing. */
function isDeeper(bytes: Uint8Array, maxDepth: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inString) {
      if (byte === backslash) at++;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === openBrace || byte === openBracket) {
      if (++depth > maxDepth) return true;
    } else if (byte === closeBrace || byte === closeBracket) depth--;
  }
  return false;
}
