import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type PlantedName, planted } from './planted.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Compiled hosts: they start in a fifth of the time that the sources would take. */
export interface Build {
  /** The program of a host. */
  readonly host: string;
  remove(): void;
}

/** Compiles a copy of the sources as they are now, with a bug planted in it if one is named. */
export function build(bug?: PlantedName): Build {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-soak-build-'));
  const source = join(folder, 'source');
  for (const part of ['src', 'soak', 'tsconfig.json', 'package.json']) {
    cpSync(join(root, part), join(source, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  if (bug) plant(source, bug);
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const built = join(folder, 'built');
  // Types are the gate's business; here they would only take time.
  const args = [compiler, '-p', join(source, 'soak'), '--outDir', built, '--noCheck'];
  execFileSync(process.execPath, args, { cwd: folder, stdio: 'inherit' });
  return { host: join(built, 'soak/host.js'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function plant(source: string, bug: PlantedName): void {
  for (const { file, from, to } of planted[bug]) {
    const path = join(source, file);
    const text = readFileSync(path, 'utf8');
    if (text.split(from).length !== 2) throw new Error(`${bug}: ${file} does not hold exactly one "${from}". Plant it anew.`);
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
  }
}
