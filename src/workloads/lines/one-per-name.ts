import { readLineTable, type TableLine, writeLineTable } from './line-table.ts';

/** Which lines of a table are to have names of their own. */
export interface OnePerName {
  readonly folder: string;
  /** The table's file name. */
  readonly table: string;
  /** Lines of this kind are looked at. */
  readonly kind: number;
  /** Which line of a name stays, and the kind that the others get; null: the table is left as it is. */
  readonly keep: { readonly which: 'first' | 'last'; readonly otherKind: number } | null;
}

/** Finds the lines whose name an earlier line has: how many there are, and the first five of them. */
export async function onePerName({ folder, table, kind, keep }: OnePerName): Promise<{ count: number; examples: TableLine[] }> {
  const path = `${folder}/${table}`;
  const chosen = new Map<string, string>();
  const examples: TableLine[] = [];
  let count = 0;
  const nameOf = ({ high, low }: TableLine): string => `${high} ${low}`;
  const placeOf = ({ file, line }: TableLine): string => `${file}:${line}`;
  for await (const line of readLineTable(path)) {
    if (line.kind !== kind) continue;
    const isThere = chosen.has(nameOf(line));
    if (isThere && ++count <= 5) examples.push(line);
    if (!isThere || keep?.which === 'last') chosen.set(nameOf(line), placeOf(line));
  }
  if (count === 0 || keep === null) return { count, examples };
  const { otherKind } = keep;
  const settled = async function* (): AsyncGenerator<TableLine> {
    for await (const line of readLineTable(path)) {
      const isChosen = line.kind !== kind || chosen.get(nameOf(line)) === placeOf(line);
      yield isChosen ? line : { ...line, kind: otherKind };
    }
  };
  await writeLineTable(folder, table, settled());
  return { count, examples };
}
