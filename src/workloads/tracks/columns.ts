/** Points as typed columns: four numbers a point and no object. Only the first `length` entries are points. */
export interface Columns {
  length: number;
  /** Whole milliseconds since 1970. */
  time: Float64Array<ArrayBuffer>;
  /** Degrees. */
  lat: Float64Array<ArrayBuffer>;
  lon: Float64Array<ArrayBuffer>;
  /** Metres; NaN where there is no height. */
  ele: Float64Array<ArrayBuffer>;
}

/** Empty columns with room for some points. */
export function createColumns(capacity: number): Columns {
  return {
    length: 0,
    time: new Float64Array(capacity),
    lat: new Float64Array(capacity),
    lon: new Float64Array(capacity),
    ele: new Float64Array(capacity),
  };
}

/** Makes room for at least `count` points more. */
export function reserve(columns: Columns, count: number): void {
  const needed = columns.length + count;
  if (needed <= columns.time.length) return;
  const capacity = Math.max(needed, Math.ceil(columns.time.length * 1.5), 64);
  columns.time = widened(columns.time, capacity);
  columns.lat = widened(columns.lat, capacity);
  columns.lon = widened(columns.lon, capacity);
  columns.ele = widened(columns.ele, capacity);
}

function widened(column: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(capacity);
  wider.set(column);
  return wider;
}
