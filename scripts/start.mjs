// The first look: makes a year of GPS tracks, then cleans, aligns and merges them on all cores. What it writes stays in out/demo.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

function run(...args) {
  console.log(`\n> node ${args.join(' ')}`);
  execFileSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
}

try {
  run('scripts/build.mjs');
  mkdirSync(`${root}out/demo`, { recursive: true });
  run('dist/cli/main.js', 'demo', 'tracks', '--days', '365', '--seed', '1', '--out', 'out/demo/demo.csv');
  run('dist/cli/main.js', 'tracks', 'out/demo/demo.csv', '--out', 'out/demo');
} catch (error) {
  // The command has said what is wrong; its exit code is all that is left to hand on.
  process.exitCode = error.status || 1;
  if (!error.status) console.error(error);
}
