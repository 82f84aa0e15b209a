import { join } from 'node:path';
import type { Cut } from '../../model/chunkers.ts';
import { readLineTable, type TableLine } from '../lines/line-table.ts';
import { type TextFile, writeFiles } from '../output/write-files.ts';
import type { AlignInput } from './align-job.ts';
import type { AlignedLine } from './align-record.ts';
import { recordKind, tableNames } from './check-job.ts';
import { lineKinds, type RefusalCode } from './format/codes.ts';
import { byDocuments, type RecordItem, recordOf } from './record-items.ts';
import { type AnnotationsSummary, count, countOne, emptyTally, summaryOf, type Tally } from './summary.ts';

/** The files that are written, in the order in which they take their places. */
export const outputNames = ['annotations.jsonl', 'lines.tsv', 'batches.tsv', 'summary.json'] as const;

/**
 * Writes all outputs in one pass over the lines, in bounded memory.
 *
 * @param aligned - What the records came to, in their order. A record of which there is nothing ended its worker: it is `poison`.
 */
export async function writeAnnotations(aligned: AsyncIterable<AlignedLine>, input: AlignInput): Promise<AnnotationsSummary> {
  return writeFiles(input.out, outputNames, async (files) => {
    const summary = await writeLines(aligned, input, files as readonly [TextFile, TextFile, TextFile]);
    files[3]?.add(`${JSON.stringify(summary, null, 2)}\n`);
    return summary;
  });
}

async function writeLines(
  aligned: AsyncIterable<AlignedLine>,
  { parts, folder, plan, checked }: AlignInput,
  files: readonly [records: TextFile, lines: TextFile, batches: TextFile],
): Promise<AnnotationsSummary> {
  const [records, lines, batches] = files;
  const names = parts.map(({ name }) => cell(name));
  const tally = emptyTally(parts.length);
  const batchRows = createBatchRows(names, tally, batches);
  const writeLine = createLineRows(names, tally, lines, records);
  const results = aligned[Symbol.asyncIterator]();
  let next = await results.next();
  let number = 0;
  for await (const line of readLineTable(join(folder, tableNames.lines))) {
    if (line.kind === recordKind) {
      const found = next.done !== true && next.value[0] === number ? next.value : undefined;
      if (found) next = await results.next();
      const result = found ?? ([number, 'poison'] as const);
      batchRows.add(recordOf(line, number, plan.batchItems), isAccepted(result));
      writeLine(line, result);
    } else {
      writeLine(line, undefined);
    }
    number++;
    for (const file of files) await file.flush();
  }
  if (next.done !== true) throw new Error(`Line ${next.value[0]} was aligned, and is not in the table of lines.`);
  batchRows.end();
  return summaryOf(tally, parts, checked.references);
}

type Accepted = Extract<AlignedLine, { length: 8 }>;

function isAccepted(result: AlignedLine): result is Accepted {
  return result.length > 2;
}

/** Writes what became of one line. `result`: of a good record. */
function createLineRows(names: readonly string[], tally: Tally, lines: TextFile, records: TextFile) {
  lines.add('file\tline\tstatus\tcode\titems\talignment\tsha1\n');
  return ({ file, line, kind, weight }: TableLine, result: AlignedLine | undefined): void => {
    const row = (status: 'accepted' | 'blank' | 'refused', code: string, alignment: string, sha1: string): void => {
      lines.add(`${names[file]}\t${line}\t${status}\t${code}\t${weight}\t${alignment}\t${sha1}\n`);
      count(tally, file, 'lines');
      count(tally, file, status);
    };
    if (result && isAccepted(result)) {
      const [, alignment, sha1, denotations, blocks, relations, attributes, bytes] = result;
      count(tally, file, 'denotations', denotations);
      count(tally, file, 'blocks', blocks);
      count(tally, file, 'relations', relations);
      count(tally, file, 'attributes', attributes);
      countOne(tally.alignments, alignment);
      records.add(bytes);
      row('accepted', '', alignment, sha1);
      return;
    }
    const code = (result?.[1] ?? lineKinds[kind] ?? 'poison') as RefusalCode | 'blank';
    if (code !== 'blank') countOne(tally.codes, code);
    row(code === 'blank' ? 'blank' : 'refused', code === 'blank' ? '' : code, '', '');
  };
}

/** Cuts the records again as the session did, to tell of its batches. */
function createBatchRows(names: readonly string[], tally: Tally, batches: TextFile) {
  batches.add('batch\tfile\tfirst_line\tlast_line\trecords\titems\tdocuments\taccepted\trefused\n');
  const cutter = byDocuments.start();
  const accepted: boolean[] = [];
  let number = 0;
  const write = ({ items }: Cut): void => {
    const records = items as readonly RecordItem[];
    const [first, last] = [records[0] as RecordItem, records.at(-1) as RecordItem];
    const good = accepted.splice(0, records.length).filter(Boolean).length;
    const weight = records.reduce((sum, record) => sum + record.items, 0);
    const documents = new Set(records.map(({ document }) => document)).size;
    count(tally, first.file, 'batches');
    const facts = [
      number++,
      names[first.file],
      first.line,
      last.line,
      records.length,
      weight,
      documents,
      good,
      records.length - good,
    ];
    batches.add(`${facts.join('\t')}\n`);
  };
  return {
    add(record: RecordItem, isGood: boolean): void {
      for (const cut of cutter.push(record)) write(cut);
      accepted.push(isGood);
    },
    end: (): void => cutter.end().forEach(write),
  };
}

/** A name in a table: what would end a cell or a line is written as an escape. */
function cell(name: string): string {
  return name.replace(/[\p{Cc}\\]/gu, (character) => JSON.stringify(character).slice(1, -1));
}
