import { createHash } from 'node:crypto';
import { PermanentError } from '../../model/errors.ts';
import type { SetupContext, WorkContext } from '../../model/work.ts';
import { type LineWindow, openLineWindow } from '../lines/line-window.ts';
import { alignAnnotations } from './align-text.ts';
import type { Alignment, RefusalCode } from './format/codes.ts';
import { canonicalJson } from './format/fields.ts';
import { readRecord } from './format/read-record.ts';
import type { RecordItem } from './record-items.ts';
import { openReferenceTexts, type ReferenceTexts } from './reference-texts.ts';

/** All that the workers see of the input. */
export interface AlignSettings {
  readonly paths: readonly string[];
  /** The file of references, and the table that says where each of them is. */
  readonly references: string;
  readonly table: string;
  readonly maxDepth: number;
}

/** What a record came to: refused, or what of it goes into the outputs. */
export type AlignedLine =
  | readonly [number: number, code: RefusalCode]
  | readonly [
      number: number,
      alignment: Alignment,
      sha1: string,
      denotations: number,
      blocks: number,
      relations: number,
      attributes: number,
      /** The line of `annotations.jsonl`, with its line break: as bytes, which nobody on the way has to look into. */
      line: Uint8Array,
    ];

/** What a worker reads with. */
export interface AlignTools {
  readonly lines: LineWindow;
  readonly references: ReferenceTexts;
}

/** The work that aligns one record with its reference. */
export const alignRecord = {
  setup: ({ settings }: SetupContext<AlignSettings>): AlignTools => ({
    lines: openLineWindow(settings.paths),
    references: openReferenceTexts(settings.table, settings.references, settings.maxDepth),
  }),
  teardown: async ({ lines, references }: AlignTools): Promise<void> => {
    lines.close();
    references.close();
  },
  each: (item: RecordItem, { settings, resource }: WorkContext<AlignSettings, AlignTools>): AlignedLine => {
    const read = readRecord(resource.lines.lineAt(item), settings.maxDepth);
    if ('kind' in read) throw new PermanentError(`Line ${item.line} is not what was checked: the file was changed.`);
    const { sourcedb, sourceid, origin, text, annotations } = read.value;
    const reference = resource.references.get(read.value);
    if (!reference) return [item.number, 'document_missing'];
    const aligned = alignAnnotations(text, annotations, reference);
    if ('code' in aligned) return [item.number, aligned.code];
    const { denotations, blocks, relations, attributes } = aligned.annotations;
    const json = canonicalJson({ denotations, blocks, relations, attributes });
    const head = canonicalJson({ ...origin, sourcedb, sourceid }).slice(0, -1);
    const line = Buffer.from(`${head},${json.slice(1)}\n`);
    const lists = line.subarray(Buffer.byteLength(head) + 1, -1);
    const sha1 = createHash('sha1').update('{').update(lists).digest('hex');
    const counts = [denotations.length, blocks.length, relations.length, attributes.length] as const;
    return [item.number, aligned.alignment, sha1, ...counts, line];
  },
};
