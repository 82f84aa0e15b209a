import type { SetupContext, WorkContext } from '../../model/work.ts';
import { type ByteRange, type LinePlace, type LineWindow, linesIn, maxLineBytes, openLineWindow } from '../lines/line-window.ts';
import type { SeenLine } from '../lines/locate-lines.ts';
import { type LineKind, lineKinds } from './format/codes.ts';
import { countAnnotations, readDocument, readRecord } from './format/read-record.ts';
import { hashOfSource } from './reference-texts.ts';

/** All that the workers of the check see of the input. */
export interface CheckSettings {
  /** The files; the last one holds the references. */
  readonly paths: readonly string[];
  readonly maxDepth: number;
}

/** The work that looks at every line of a range of bytes. */
export const checkLines = {
  setup: ({ settings }: SetupContext<CheckSettings>): LineWindow => openLineWindow(settings.paths),
  teardown: async (lines: LineWindow): Promise<void> => lines.close(),
  read: (range: ByteRange, { settings }: SetupContext<CheckSettings>): Iterable<LinePlace> =>
    linesIn(settings.paths[range.file] as string, range),
  each: (place: LinePlace, { settings, resource }: WorkContext<CheckSettings, LineWindow>): SeenLine => {
    const { file, offset, length } = place;
    const seen = (kind: LineKind, items = 0, high = 0, low = 0): SeenLine =>
      [file, offset, length, lineKinds.indexOf(kind), items, high, low] as const;
    if (length > maxLineBytes) return seen('too_long');
    const line = resource.lineAt(place);
    if (file === settings.paths.length - 1) {
      const read = readDocument(line, settings.maxDepth);
      return 'kind' in read ? seen(read.kind) : seen('record', 0, ...hashOfSource(read.value));
    }
    const read = readRecord(line, settings.maxDepth);
    if ('kind' in read) return seen(read.kind);
    return seen('record', countAnnotations(read.value.annotations), ...hashOfSource(read.value));
  },
};
