import { byCount } from '../../model/chunkers.ts';
import { defineJob } from '../../model/job.ts';
import { workModule } from '../../model/work.ts';
import type work from './inspect.work.ts';
import { fingerprintOf, type SeenFile } from './seen-file.ts';
import { workUrl } from './work-url.ts';

/** How long one page, or the opening of one document, may take: what is printed takes milliseconds, what hangs is made to. */
export const longestRead = '60s';

/** Documents to open. */
export interface InspectInput {
  readonly files: readonly SeenFile[];
}

/** Opens documents and gives those that can be opened, with their numbers of pages. The others are its dead letters, by their paths. */
export const documentsOpenJob = defineJob(workModule<typeof work>(workUrl('inspect.work')), {
  name: 'documents-open',
  source: ({ files }: InspectInput) => files,
  chunk: byCount(1),
  itemId: ({ path }) => path,
  combine: (left, right) => [...left, ...right],
  executor: 'processes',
  itemTimeout: longestRead,
  key: keyOfFiles,
  fingerprint: keyOfFiles,
});

/** The same files as they are: what was seen of them once holds. */
export function keyOfFiles({ files }: InspectInput): string {
  return files.map(fingerprintOf).join('\n');
}
