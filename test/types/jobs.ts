// Jobs over those works, with what must not compile beside them: this file is checked, not run.
import { byCount, byRange, defineJob, defineWork, type Job, workModule } from '../../src/index.ts';
import type work from './word-count.work.ts';
import type { Line } from './word-count.work.ts';
import type { bytes, lengths, pages, wholeChunks, withoutSettings } from './works.ts';

type Same<Left, Right> =
  (<Probe>() => Probe extends Left ? 1 : 2) extends <Probe>() => Probe extends Right ? 1 : 2 ? true : false;

declare function lines(file: string, after?: string): AsyncIterable<Line>;
declare function texts(file: string): AsyncIterable<string>;

interface File {
  file: string;
}

const url = new URL('./word-count.work.ts', import.meta.url);

export const wordCount = defineJob(workModule<typeof work>(url), {
  name: 'word-count',
  version: '1',
  source: (input: { file: string }, { signal }) => {
    signal.throwIfAborted();
    return lines(input.file);
  },
  sourceAfter: (input, itemId) => lines(input.file, itemId),
  chunk: byCount(500),
  settings: (input) => ({ words: `${input.file}.words` }),
  itemId: (line) => line.id,
  combine: (left, right) => left + right,
  finalize: async ({ combined, outputs, failures, counts, finalizeId, previous, signal }) => {
    for await (const words of outputs) words.toFixed();
    signal.throwIfAborted();
    return { words: combined ?? 0, id: previous?.finalizeId ?? finalizeId, failed: failures.length + counts.items.failed };
  },
  key: (input) => input.file,
  onDuplicate: 'join',
  executor: 'threads',
  retry: {
    attempts: 3,
    backoff: { type: 'exponential', base: '1s', max: '1m', jitter: true },
    classify: (error) => (error.code === 'ENOENT' ? 'permanent' : 'retry'),
  },
  itemTimeout: '30s',
  timeout: '10m',
  stall: '2m',
  partial: 'allow',
});
export const wordCountIs: Same<typeof wordCount, Job<File, { words: number; id: string; failed: number }, number>> = true;

export const ranged = defineJob(workModule<typeof lengths>(url), {
  name: 'ranged',
  source: (input: File) => lines(input.file),
  chunk: byRange({ key: (line) => line.at, size: '1d', overlap: '6h' }),
});
export const rangedIs: Same<typeof ranged, Job<File, number | undefined, number>> = true;

export const resourceful = defineJob(workModule<typeof withoutSettings>(url), {
  name: 'resourceful',
  source: (input: File) => lines(input.file),
  chunk: byCount(1),
  taskId: (line, input) => `${input.file}:${line.id}`,
});

export const arrays = defineJob(workModule<typeof wholeChunks>(url), {
  name: 'arrays',
  source: (input: File) => lines(input.file),
  chunk: byCount(3),
  finalize: ({ combined }) => combined?.byteLength,
});

export const paged = defineJob(workModule<typeof pages>(url), {
  name: 'paged',
  slices: function* (input: File) {
    yield { file: input.file, from: 1, to: 30 };
  },
  finalize: async ({ outputs }) => {
    for await (const output of outputs) output.page.trim();
    return 1;
  },
});
export const pagedIs: Same<typeof paged, Job<File, number, { page: string; attempt: number }>> = true;

export const sliced = defineJob(workModule<typeof bytes>(url), {
  name: 'sliced',
  slices: (input: File, { signal }) => [{ file: input.file, from: 0, to: signal.aborted ? 1 : 2 }],
  settings: { step: 1 },
  combine: (left, right) => left + right,
});

/** Work in place may use what surrounds it. */
export const fetched = defineJob(
  defineWork({ each: async (address: URL, { signal }) => (await fetch(address, { signal })).status }),
  {
    name: 'fetched',
    source: (input: readonly string[]) => input.map((text) => new URL(text)),
    chunk: byCount(10),
    concurrency: 20,
  },
);

/** A callback over the input may stand before the source, if the source's input is written out and its context not used. */
export const keyFirst = defineJob(workModule<typeof lengths>(url), {
  name: 'key-first',
  key: (input) => input.file,
  source: (input: File) => lines(input.file),
  chunk: byCount(1),
});

export const limited = defineJob(workModule<typeof lengths>(url), {
  name: 'limited',
  source: (input: File) => lines(input.file),
  chunk: byCount(1),
  rate: { limit: 10, per: '1m', key: (line, input) => `${line.id.toUpperCase()} ${input.file.length}` },
  seats: { key: (input) => input.file.toUpperCase(), limit: 2, group: 'files' },
});

// @ts-expect-error a source of other items
defineJob(workModule<typeof lengths>(url), { name: 'n1', source: (input: File) => texts(input.file), chunk: byCount(3) });

// @ts-expect-error settings are missing
defineJob(workModule<typeof work>(url), { name: 'n2', source: (input: File) => lines(input.file), chunk: byCount(3) });

defineJob(workModule<typeof work>(url), {
  name: 'n3',
  source: (input: File) => lines(input.file),
  chunk: byCount(3),
  // @ts-expect-error settings of another shape
  settings: { words: 1 },
});

defineJob(workModule<typeof lengths>(url), {
  name: 'n4',
  source: (input: File) => lines(input.file),
  chunk: byCount(3),
  // @ts-expect-error combine gives something else than it takes
  combine: (left, right) => `${left}${right}`,
});

// @ts-expect-error work over slices is given items
defineJob(workModule<typeof pages>(url), { name: 'n5', source: (_: File) => [1, 2], chunk: byCount(3) });

// @ts-expect-error work over items is given slices
defineJob(workModule<typeof lengths>(url), { name: 'n6', slices: (input: File) => [{ file: input.file, from: 1, to: 2 }] });

// @ts-expect-error slices and a chunker
defineJob(workModule<typeof pages>(url), { name: 'n7', slices: (_: File) => [], chunk: byCount(1) });

defineJob(workModule<typeof lengths>(url), {
  name: 'n8',
  source: (input: File) => lines(input.file),
  chunk: byCount(3),
  // @ts-expect-error an option that does not exist
  taskID: (line: Line) => line.id,
});

defineJob(workModule<typeof lengths>(url), {
  name: 'n9',
  source: (input: File) => lines(input.file),
  chunk: byCount(3),
  // @ts-expect-error no duration
  timeout: '10 minutes',
});

defineJob(workModule<typeof lengths>(url), {
  name: 'n10',
  source: (input: File) => lines(input.file),
  // @ts-expect-error a key of a property that is not there
  chunk: byRange({ key: (line) => line.nope, size: '1d' }),
});

defineJob(workModule<typeof lengths>(url), {
  name: 'n11',
  source: (input: File) => lines(input.file),
  chunk: byCount(3),
  // @ts-expect-error combine sees what `each` returns, never lists of it
  combine: (left, right) => left.concat(right),
});

defineJob(workModule<typeof lengths>(url), {
  name: 'n13',
  source: (input: File) => lines(input.file),
  chunk: byCount(1),
  rate: { limit: 1, per: '1s', key: (line) => line.id },
  // @ts-expect-error a key that is no text
  seats: { key: (input) => input.file.length },
});

defineJob(workModule<typeof lengths>(url), {
  name: 'n14',
  source: (input: File) => lines(input.file),
  chunk: byCount(1),
  // @ts-expect-error a rate without its window
  rate: { limit: 1 },
});

// @ts-expect-error the module's type is no work
workModule<{ hello: number }>(url);

// @ts-expect-error a bare object is no work
defineJob({ each: 1 }, { name: 'n12', source: (_: string) => [1], chunk: byCount(1) });
