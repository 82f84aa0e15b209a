import { readFileSync } from 'node:fs';
import { stageFile } from '../output/staged-file.ts';

/** A hash of a name, in two numbers of 48 bits. */
export type NameHash = readonly [high: number, low: number];

/** Where named lines are in a file: a hash table of four numbers a cell, which are high, low, offset and length + 1; a free one has no length. */
export interface PlaceTable {
  /** Adds a place; one of the same name takes the place of the one before, and then the answer is true. */
  add(name: NameHash, offset: number, length: number): boolean;
  /** Writes the table as a file, which appears whole or not at all. */
  write(folder: string, file: string): Promise<void>;
}

const width = 4;

/** A table that is empty, and grows. */
export function createPlaceTable(): PlaceTable {
  let cells = new Float64Array(1_024 * width);
  let count = 0;
  const put = (high: number, low: number, offset: number, length: number): boolean => {
    const at = find(cells, high, low);
    const isThere = cells[at + 3] !== 0;
    cells.set([high, low, offset, length], at);
    return isThere;
  };
  const grow = (): void => {
    const old = cells;
    cells = new Float64Array(old.length * 2);
    for (let at = 0; at < old.length; at += width) {
      const [high, low, offset, length] = old.subarray(at, at + width) as unknown as [number, number, number, number];
      if (length !== 0) put(high, low, offset, length);
    }
  };
  return {
    add([high, low], offset, length) {
      const isThere = put(high, low, offset, length + 1);
      if (!isThere && ++count * 2 * width > cells.length) grow();
      return isThere;
    },
    async write(folder, file) {
      const staged = await stageFile(folder, file);
      staged.add(new Uint8Array(cells.buffer));
      await staged.seal();
      await staged.publish();
    },
  };
}

/** Opens a table that was written: finds a name's place. */
export function openPlaceTable(
  path: string,
): (name: NameHash) => { readonly offset: number; readonly length: number } | undefined {
  const bytes = readFileSync(path);
  const cells = new Float64Array(new Uint8Array(bytes).buffer);
  return ([high, low]) => {
    const at = find(cells, high, low);
    const length = cells[at + 3] as number;
    return length === 0 ? undefined : { offset: cells[at + 2] as number, length: length - 1 };
  };
}

/** The cell of a name, or the free one that it would have. Half of the cells are free, so there is always one. */
function find(cells: Float64Array, high: number, low: number): number {
  const mask = cells.length / width - 1;
  for (let place = low % (mask + 1); ; place = (place + 1) & mask) {
    const at = place * width;
    if (cells[at + 3] === 0 || (cells[at] === high && cells[at + 1] === low)) return at;
  }
}
