import type { BatchCopy, Unit } from '../../../model/replica.ts';

/** A row as people know it: by its table, and its key there. */
export interface TableRow {
  readonly table: string;
  readonly key: string;
  readonly row: object;
}

/** The rows that a unit is made of. */
export function rowsOf({ kind, key, copy }: Unit): readonly TableRow[] {
  if (copy === undefined) return [];
  return kind === 'batches' ? batchRows(key, copy) : [{ table: kind, key, row: copy }];
}

function batchRows(key: string, { row, attempts, outputs, letters }: BatchCopy): readonly TableRow[] {
  return [
    ...(row ? [{ table: 'batches', key, row }] : []),
    ...attempts.map((attempt) => ({ table: 'attempts', key: `${key}/${attempt.execution}`, row: attempt })),
    ...outputs.map((output, index) => ({ table: 'outputs', key: `${key}/${index + 1}`, row: output })),
    ...letters.map((letter) => ({ table: 'dead_letters', key: `${key}/${letter.place}`, row: letter })),
  ];
}
