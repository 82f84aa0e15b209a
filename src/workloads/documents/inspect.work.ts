import { defineWork } from '../../model/work.ts';
import { openFiles } from './pdf/open-files.ts';
import { refusal } from './refusal.ts';
import type { SeenFile } from './seen-file.ts';

/** A document that can be opened. */
export interface OpenedFile {
  readonly path: string;
  readonly pages: number;
}

/** Opens a document to see how many pages it has. That is hostile input, too, so it does not happen in the host. */
export default defineWork({
  each: async ({ path, size }: SeenFile): Promise<readonly OpenedFile[]> => {
    if (size === null) throw refusal('file_missing', 'there is no such file');
    const files = await openFiles();
    return [{ path, pages: files.use(path, ({ pages }) => pages) }];
  },
});
