import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './mutations/fit.ts';
import type { Mutation } from './mutations/mutation.ts';

/** A copy of the source in a folder of its own, to be run and to be spoilt. */
export interface SourceCopy {
  readonly folder: string;
  /** Plants a bug; the answer takes it out again. @throws when its text is not there exactly once. */
  plant(mutation: Mutation): Promise<() => Promise<void>>;
  remove(): Promise<void>;
}

export async function copyOfSource(): Promise<SourceCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-mutations-'));
  for (const path of ['src', 'test/simulation', 'package.json', 'tsconfig.json']) {
    await cp(join(root, path), join(folder, path), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  return {
    folder,
    async plant({ changes }) {
      const before = new Map<string, string>();
      for (const { file, find, replace } of changes) {
        const path = join(folder, file);
        const text = await readFile(path, 'utf8');
        if (!before.has(path)) before.set(path, text);
        if (text.split(find).length !== 2) throw new Error(`${file} does not have this exactly once: ${find}`);
        const spoilt = text.replace(find, () => replace);
        await writeFile(path, spoilt);
      }
      return async () => {
        for (const [path, text] of before) await writeFile(path, text);
      };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
