// Works of every kind, with what must not compile beside them: this file is checked, not run.
import { type Chunk, type ChunkContext, defineWork } from '../../src/work.ts';
import type { Line } from './word-count.work.ts';

export const lengths = defineWork({ each: (line: Line) => line.text.length });

export const withoutSettings = defineWork({
  setup: async () => ({ factor: 2 }),
  each: (line: Line, { resource }) => line.at * resource.factor,
});

export const wholeChunks = defineWork({
  chunk: async ({ items, overlap: { before, after }, index }: Chunk<Line>, { begin, fail, progress }) => {
    for (const [place, line] of items.entries()) {
      begin(place);
      if (!line.text) fail(place, new Error('no text'));
      progress(place + 1);
    }
    return new Float64Array(before.length + after.length + index);
  },
});

export interface Pages {
  file: string;
  from: number;
  to: number;
}

/** Reads its own slice, page by page: `each` knows what a page is. */
export const pages = defineWork({
  read: function* ({ from, to }: Pages) {
    for (let page = from; page <= to; page++) yield page;
  },
  each: async (page, { attempt }) => ({ page: page.toFixed(), attempt }),
});

export interface Bytes {
  file: string;
  from: number;
  to: number;
}

/** A slice is one item: the work reads it as it likes. */
export const bytes = defineWork({
  chunk: async ({ slice }: { slice: Bytes }, { settings, progress }: ChunkContext<{ step: number }>) => {
    progress(settings.step);
    return slice.to - slice.from;
  },
});

// @ts-expect-error neither each nor chunk
defineWork({ setup: async () => 1 });

// @ts-expect-error both of them
defineWork({ each: (line: Line) => line.at, chunk: async (chunk: { items: readonly Line[] }) => chunk.items.length });

// @ts-expect-error the item's type must be written where it begins
defineWork({ each: (line) => line.text });

// @ts-expect-error a resource is known only once setup was written
defineWork({ each: (line: Line, { resource }) => resource + line.at, setup: async ({ signal }) => signal.aborted });

// @ts-expect-error a property that the item has not
defineWork({ each: (line: Line) => line.length });
