import { copyPayload, decode } from '../../model/codec.ts';
import type { SessionId } from '../../model/ids.ts';
import type { OutputRecord } from '../../model/records.ts';
import type { Store } from '../../model/store.ts';
import type { EnginePorts } from '../ports/ports.ts';

/** The outputs of one batch: with `each` one for each item that has one, with `chunk` one, or one for each piece. */
export interface BatchOutputs {
  readonly number: number;
  readonly values: readonly unknown[];
  /** The first and the last place that a value stands for. */
  spanOf(index: number): Span;
}

type Span = readonly [first: number, last: number];

/** Bytes after which a page is large enough: outputs may be small numbers or many megabytes. */
const pageBytes = 4_000_000;
const mostRows = 1_024;

/** What outputs are read from. */
export type OutputSource = Pick<Store, 'listOutputs'>;

/** Outputs of a store that is asked again while it fails. */
export function outputsOf({ store, persist }: Pick<EnginePorts, 'store' | 'persist'>): OutputSource {
  return { listOutputs: (filter) => persist(() => store.listOutputs(filter)) };
}

/** Outputs for readers who may change them: those of a memory store are the very bytes that it keeps. */
export function ownOutputsOf(source: OutputSource): OutputSource {
  return {
    async listOutputs(filter) {
      const rows = await source.listOutputs(filter);
      return rows.map((row) => ({ ...row, data: copyPayload(row.data) }));
    },
  };
}

/** Reads the outputs of the batches `from` to `to` (inclusive) in input order, page by page. */
export async function* readOutputs(
  store: OutputSource,
  id: SessionId,
  kind: 'each' | 'chunk',
  from: number,
  to: number,
): AsyncGenerator<BatchOutputs> {
  let limit = 32;
  for (let next = from; next <= to; ) {
    const rows = await store.listOutputs({ sessionId: id, from: next, to, limit });
    yield* groupByBatch(rows, kind);
    if (rows.length < limit) return;
    next = (rows.at(-1) as OutputRecord).number + 1;
    const bytes = rows.reduce((sum, row) => sum + row.data.length, 0);
    limit = Math.max(1, Math.min(mostRows, Math.floor((limit * pageBytes) / Math.max(bytes, 1)), limit * 4));
  }
}

function* groupByBatch(rows: readonly OutputRecord[], kind: 'each' | 'chunk'): Generator<BatchOutputs> {
  for (let start = 0; start < rows.length; ) {
    const { number } = rows[start] as OutputRecord;
    let end = start + 1;
    while (rows[end]?.number === number) end++;
    const own = rows.slice(start, end);
    yield { number, ...(kind === 'chunk' ? inOrder(own) : mergeItems(own)) };
    start = end;
  }
}

/** The output of a chunk: one, or one for each of its pieces. */
function inOrder(rows: readonly OutputRecord[]): Omit<BatchOutputs, 'number'> {
  const firstOf = ({ places }: OutputRecord): number => places?.[0] ?? 0;
  const sorted = [...rows].sort((left, right) => firstOf(left) - firstOf(right));
  const spanOf = (index: number): Span => {
    const places = sorted[index]?.places;
    return places ? [places[0] ?? 0, places.at(-1) ?? 0] : [0, Number.POSITIVE_INFINITY];
  };
  return { values: sorted.map(({ data }) => decode(data)), spanOf };
}

/** Outputs of one batch's items from all its attempts, in the items' order. */
function mergeItems(rows: readonly OutputRecord[]): Omit<BatchOutputs, 'number'> {
  const lists = rows.map((row) => ({ places: row.places, values: decode(row.data) as unknown[] }));
  const only = lists[0];
  if (lists.length === 1 && only) {
    const placeOf = (index: number): number => only.places?.[index] ?? index;
    return { values: only.values, spanOf: (index) => [placeOf(index), placeOf(index)] };
  }
  const merged = lists
    .flatMap(({ places, values }) => values.map((value, index) => ({ place: places?.[index] ?? index, value })))
    .sort((a, b) => a.place - b.place);
  const placeOf = (index: number): number => merged[index]?.place ?? index;
  return { values: merged.map(({ value }) => value), spanOf: (index) => [placeOf(index), placeOf(index)] };
}
