import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { openLineWindow } from '../lines/line-window.ts';
import { type NameHash, openPlaceTable } from '../lines/place-table.ts';
import type { WholeText } from '../text/find-text.ts';
import { readDocument, type Source } from './format/read-record.ts';

/** A hash of a document's name. */
export function hashOfSource({ sourcedb, sourceid }: Source): NameHash {
  const digest = createHash('sha1')
    .update(JSON.stringify([sourcedb, sourceid]))
    .digest();
  return [digest.readUIntBE(0, 6), digest.readUIntBE(6, 6)];
}

/** The reference texts by their documents' names: the last ones that were asked for are kept. */
export interface ReferenceTexts {
  get(source: Source): WholeText | undefined;
  close(): void;
}

/** Characters of reference texts that a worker keeps. */
const keptCharacters = 4_000_000;

/** Opens the references of a file by the table that was made of it. */
export function openReferenceTexts(table: string, file: string, maxDepth: number): ReferenceTexts {
  const placeOf = openPlaceTable(table);
  const lines = openLineWindow([file]);
  const kept = new LRUCache<string, WholeText>({ maxSize: keptCharacters, sizeCalculation: ({ text }) => text.length + 1 });
  const read = (source: Source): WholeText | undefined => {
    const place = placeOf(hashOfSource(source));
    if (!place) return undefined;
    const document = readDocument(lines.lineAt({ file: 0, ...place }), maxDepth);
    // Hashes may be equal by somebody's will: names decide.
    const isIt =
      'value' in document && document.value.sourcedb === source.sourcedb && document.value.sourceid === source.sourceid;
    return isIt ? { text: document.value.text } : undefined;
  };
  return {
    get(source) {
      const name = JSON.stringify([source.sourcedb, source.sourceid]);
      const hit = kept.get(name);
      if (hit) return hit;
      const found = read(source);
      if (found) kept.set(name, found);
      return found;
    },
    close: lines.close,
  };
}
