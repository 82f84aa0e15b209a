import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);

export interface SourceFile {
  /** Below the project's root, with slashes: `src/model/job.ts`. */
  readonly path: string;
  readonly text: string;
}

/** Every TypeScript file of a folder of the project and the folders in it, in the order of their paths. */
export function sourceFiles(folder: string): readonly SourceFile[] {
  const base = fileURLToPath(new URL(`${folder}/`, root));
  return readdirSync(base, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => ({ path: `${folder}/${name}`, text: readFileSync(`${base}${name}`, 'utf8') }));
}
