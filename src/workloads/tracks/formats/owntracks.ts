import type { FormatReaderOf } from './format-reader.ts';
import { fieldOf, firstOf } from './json-fields.ts';
import type { PointSink } from './point-sink.ts';
import { createJsonReader } from './read-json.ts';
import { createLineSplitter } from './text-lines.ts';

/** Messages that tell where the device was. Others tell of regions, of lost connections, or are cards and commands. */
const positions = ['location', 'transition'];

/**
 * The recorder's `.rec` files: a line is a time of arrival, a kind, and a message in JSON, with tabs between. The message's own time counts.
 * A message that tells no position is a row without one.
 */
export const owntracksRec: FormatReaderOf = (sink) =>
  createLineSplitter({
    tooLong: () => sink.skip('too_long'),
    line(text) {
      if (text.trim() === '') return;
      const message = text.indexOf('{');
      if (message < 0) return sink.skip('too_few_columns');
      takeMessage(sink, parsed(text.slice(message)));
    },
  });

/** The same messages as the recorder's API answers them: an array, or an object with the array `data`. */
export const owntracksJson: FormatReaderOf = (sink) =>
  createJsonReader({
    arrays: ['data', ''],
    element: (message) => takeMessage(sink, message),
    root(root) {
      if (fieldOf(root, '_type') !== undefined) takeMessage(sink, root);
    },
  });

/** A line is at most 64 KB, so that nothing in it can be large or deep enough to matter. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Cut off or damaged: a row without fields, and counted as such.
    return undefined;
  }
}

function takeMessage(sink: PointSink, message: unknown): void {
  const type = fieldOf(message, '_type');
  const field = (name: string): unknown => fieldOf(message, name);
  if (typeof type !== 'string' || !positions.includes(type)) sink.skip('missing');
  else sink.row(field('tst'), field('lat'), field('lon'), field('alt'), firstOf(message, ['tid', 'topic']));
}
