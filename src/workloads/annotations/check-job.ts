import { defineJob, type Job } from '../../model/job.ts';
import { type Work, workModule } from '../../model/work.ts';
import { type TableLine, writeLineTable } from '../lines/line-table.ts';
import type { ByteRange, LinePlace } from '../lines/line-window.ts';
import { locateLines, rangesOf, type SeenLine } from '../lines/locate-lines.ts';
import { onePerName } from '../lines/one-per-name.ts';
import { createPlaceTable } from '../lines/place-table.ts';
import { workUrl } from '../work-url.ts';
import type work from './check.work.ts';
import type { CheckSettings } from './check-lines.ts';
import { lineKinds } from './format/codes.ts';
import { fingerprintParts, type InputPart } from './input/parts.ts';
import type { AnnotationsPlan } from './options.ts';

/** What one session checks. Made by `runAnnotations`. */
export interface CheckInput {
  /** What is read, in order. */
  readonly parts: readonly InputPart[];
  /** The file of references. */
  readonly references: InputPart;
  readonly plan: AnnotationsPlan;
  /** An existing folder for the tables; those in it are written over. */
  readonly folder: string;
}

/** What a check found out, besides its tables. */
export interface CheckResult {
  /** In mode replace: records whose document an earlier valid record has, and where the first of them are. */
  readonly duplicates: number;
  readonly examples: readonly string[];
  /** References: documents; those whose name came again, so that the last one counts; and lines that are none. */
  readonly references: { readonly documents: number; readonly replaced: number; readonly refused: number };
}

/** The tables that a check leaves in its folder. */
export const tableNames = { lines: 'lines.bin', references: 'references.bin' } as const;

/** Bytes that a worker looks at in one piece. */
const rangeBytes = 262_144;

/** What a line is by its number when it is a record, or one of a document that has another record. */
export const recordKind = lineKinds.indexOf('record');
const duplicateKind = lineKinds.indexOf('duplicate_document');

/** The job that checks every line, by a work of the caller's: for tests. */
export function defineCheckJob(of: Work<LinePlace, SeenLine, CheckSettings, ByteRange>): Job<CheckInput, CheckResult, SeenLine> {
  return defineJob(of, {
    name: 'annotations-check',
    version: '1',
    slices: ({ parts, references }: CheckInput) => rangesOf([...parts, references], rangeBytes),
    settings: ({ parts, references, plan }) => ({
      paths: [...parts, references].map(({ path }) => path),
      maxDepth: plan.maxDepth,
    }),
    finalize: ({ outputs, input }) => writeTables(outputs, input),
    key: ({ folder }) => `annotations-check:${folder}`,
    fingerprint: ({ parts, references, plan }) => fingerprintParts([...parts, references], plan),
    metadata: ({ parts, folder }) => ({ inputs: parts.map(({ name }) => name), folder }),
  });
}

/** Looks at every line of the inputs and of the references, and leaves a table of each. */
export const annotationsCheckJob = defineCheckJob(workModule<typeof work>(workUrl('check.work', import.meta.url)));

async function writeTables(outputs: AsyncIterable<SeenLine>, input: CheckInput): Promise<CheckResult> {
  const { folder, parts } = input;
  const table = createPlaceTable();
  const references = { documents: 0, replaced: 0, refused: 0 };
  const ofInputs = async function* (): AsyncGenerator<TableLine> {
    for await (const line of locateLines(outputs, [...parts, input.references])) {
      if (line.file < parts.length) yield line;
      else if (line.kind !== recordKind) references.refused += lineKinds[line.kind] === 'blank' ? 0 : 1;
      else if (table.add([line.high, line.low], line.offset, line.length)) references.replaced++;
      else references.documents++;
    }
  };
  await writeLineTable(folder, tableNames.lines, ofInputs());
  await table.write(folder, tableNames.references);
  return { ...(await settleDuplicates(input)), references };
}

/** In mode replace: counts the records whose document occurs before, and refuses all but the one that was asked for. */
async function settleDuplicates({ folder, plan, parts }: CheckInput): Promise<Omit<CheckResult, 'references'>> {
  const { mode, onDuplicate } = plan;
  if (mode === 'add' || onDuplicate === 'merge') return { duplicates: 0, examples: [] };
  const keep = onDuplicate === 'error' ? null : { which: onDuplicate, otherKind: duplicateKind };
  const { count, examples } = await onePerName({ folder, table: tableNames.lines, kind: recordKind, keep });
  return { duplicates: count, examples: examples.map(({ file, line }) => `${parts[file]?.name}:${line}`) };
}
