// Packs the package as npm would publish it, and lets publint and attw judge the tarball. Needs dist.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'millrace-pack-'));

function run(command, ...args) {
  execFileSync(command, args, { cwd: root, stdio: 'inherit' });
}

try {
  const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const tarball = join(folder, JSON.parse(packed)[0].filename);
  run(process.execPath, 'node_modules/publint/src/cli.js', 'run', tarball, '--strict');
  run(
    process.execPath,
    'node_modules/@arethetypeswrong/cli/dist/index.js',
    tarball,
    '--profile',
    'esm-only',
    '--format',
    'table-flipped',
    '--no-emoji',
    '--no-summary',
  );
} catch (error) {
  // The tool has said what is wrong; its exit code is all that is left to hand on.
  process.exitCode = error.status || 1;
  if (!error.status) console.error(error);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
