/** A row of a file: a point, or something that is none. */
export interface Row {
  readonly seconds: number;
  readonly lat: number;
  readonly lon: number;
  readonly isPoint: boolean;
}

/** What happens to a history between two runs. Places are parts of what is there, from 0 to 1. */
export type Edit =
  | { readonly type: 'append'; readonly row: Row }
  /** A row that comes late: in its file it stands behind, or before, others. */
  | { readonly type: 'insert'; readonly place: number; readonly row: Row }
  | { readonly type: 'change'; readonly place: number; readonly lat: number }
  | { readonly type: 'delete'; readonly place: number }
  | { readonly type: 'deleteRange'; readonly place: number }
  /** The newest file is given first from now on. */
  | { readonly type: 'turnFiles' }
  | { readonly type: 'newFile'; readonly row: Row }
  /** Back to what it was so many edits ago. */
  | { readonly type: 'undo'; readonly edits: number };

/** Files of rows, as they are given. */
export type Files = readonly (readonly Row[])[];

/** Seconds of a range. */
export const rangeSeconds = 10_800;

/** Carries out an edit. `versions`: the history as it was before each of the edits so far, oldest first. */
export function edited(files: Files, edit: Edit, versions: readonly Files[]): Files {
  switch (edit.type) {
    case 'append':
      return changing(files, files.length - 1, (rows) => [...rows, edit.row]);
    case 'newFile':
      return [...files, [edit.row]];
    case 'turnFiles':
      return [files.at(-1) ?? [], ...files.slice(0, -1)];
    case 'undo':
      return versions.at(-edit.edits) ?? files;
    case 'insert':
      return atPlace(files, edit.place, (rows, at) => [...rows.slice(0, at), edit.row, ...rows.slice(at)]);
    case 'change':
      return atPlace(files, edit.place, (rows, at) => rows.map((row, place) => (place === at ? { ...row, lat: edit.lat } : row)));
    case 'delete':
      return atPlace(files, edit.place, (rows, at) => rows.filter((_, place) => place !== at));
    case 'deleteRange':
      return withoutRange(files, edit.place);
  }
}

function withoutRange(files: Files, place: number): Files {
  const rows = files.flat();
  const gone = rangeOf(rows[Math.floor(place * rows.length)]?.seconds ?? 0);
  return files.map((file) => file.filter(({ seconds }) => rangeOf(seconds) !== gone));
}

function changing(files: Files, number: number, change: (rows: readonly Row[]) => readonly Row[]): Files {
  return files.map((rows, place) => (place === number ? change(rows) : rows));
}

function atPlace(files: Files, place: number, change: (rows: readonly Row[], at: number) => readonly Row[]): Files {
  let at = Math.floor(place * files.flat().length);
  for (const [number, rows] of files.entries()) {
    if (at < rows.length) return changing(files, number, () => change(rows, at));
    at -= rows.length;
  }
  return files;
}

function rangeOf(seconds: number): number {
  return Math.floor(seconds / rangeSeconds);
}

/** A file's text. */
export function csvOf(rows: readonly Row[]): string {
  const lines = rows.map(({ seconds, lat, lon, isPoint }) => `${seconds},${isPoint ? lat : 'here'},${lon}`);
  return `timestamp,lat,lon\n${lines.join('\n')}\n`;
}

/**
 * The ranges of a history, in order, each with all that its tracks can depend on, as text: its points in the order of the history, and those
 * within some time of it.
 */
export function rangesOf(files: Files, reachSeconds: number): ReadonlyMap<number, string> {
  const points = files.flat().filter(({ isPoint }) => isPoint);
  // The sort is stable: equal times stay in the order of the files and rows.
  points.sort((left, right) => left.seconds - right.seconds);
  const ranges = [...new Set(points.map(({ seconds }) => rangeOf(seconds)))];
  return new Map(
    ranges.map((one) => {
      const near = points.filter(
        ({ seconds }) => seconds >= one * rangeSeconds - reachSeconds && seconds < (one + 1) * rangeSeconds + reachSeconds,
      );
      return [one, near.map(({ seconds, lat, lon }) => `${seconds},${lat},${lon}`).join(' ')];
    }),
  );
}
