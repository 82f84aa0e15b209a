/** How the lines of one CSV file are to be read. */
export interface CsvLayout {
  /** The byte between two fields. */
  readonly delimiter: number;
  /** Columns by number, from 0; `ele` is -1 when there is none. */
  readonly time: number;
  readonly lat: number;
  readonly lon: number;
  readonly ele: number;
  /** The column that names the device of a row; absent: all rows are of one. */
  readonly device?: number;
  /** What coordinates are divided by: 1, or 10,000,000 where they are whole numbers (`latitudeE7`). */
  readonly latScale: number;
  readonly lonScale: number;
  /** Where the first row begins: behind byte order mark and header. */
  readonly dataStart: number;
}
