// npm test [-- PATTERN]: all test files, or those whose path matches, in as many processes at once as there are cores.
// A process takes a few files at a time, so that none sits idle while another works off the slow ones.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const pattern = new RegExp(process.argv[2] ?? '');
const filesAtOnce = 6;

/** Folders that take longest come first: what is begun last should be short. */
const slowest = ['faults', 'workloads', 'package', 'soak', 'simulation', 'corpus', 'cli'];
const files = readdirSync(`${root}test`, { recursive: true })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.test.ts') && pattern.test(file))
  .sort((left, right) => rankOf(left) - rankOf(right) || (left < right ? -1 : 1));

function rankOf(file) {
  const at = slowest.indexOf(file.split('/')[0] ?? '');
  return at === -1 ? slowest.length : at;
}

function run(some) {
  const match = `^(${some.map((file) => file.replaceAll(/[.\\/]/g, '\\$&')).join('|')})$`;
  const args = ['--import', 'tsx', 'node_modules/uvu/bin.js', 'test', match];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => said.push(text));
    child.on('close', (status) => {
      process.stdout.write(Buffer.concat(said));
      resolve(status === 0);
    });
  });
}

let isGood = files.length > 0;
if (!isGood) console.error(`No test file matches ${pattern}.`);
async function workOff() {
  for (let some = take(); some.length > 0; some = take()) {
    if (!(await run(some))) isGood = false;
  }
}

/** Slow files go alone. */
function take() {
  return files.splice(0, rankOf(files[0] ?? '') < slowest.length ? 1 : filesAtOnce);
}

await Promise.all(Array.from({ length: availableParallelism() }, workOff));
process.exitCode = isGood ? 0 : 1;
