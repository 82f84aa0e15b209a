import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiled = `${root}out/bench`;

/** The names of the benches: files of this folder that answer one question and export `run`. Others help them measure. */
function benchNames(): readonly string[] {
  const folder = new URL('.', import.meta.url);
  return readdirSync(folder)
    .filter(
      (file) => file.endsWith('.ts') && /^export (async )?function run\(/m.test(readFileSync(new URL(file, folder), 'utf8')),
    )
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
}

/**
 * Compiles sources and benches as the package is built. Run by tsx, every function that is made would be given its name
 * first, and hot paths make many: the figures would be tsx's.
 */
function compile(): void {
  rmSync(compiled, { recursive: true, force: true });
  // Types are the gate's business; here they would only take time.
  const tsc = ['node_modules/typescript/bin/tsc', '-p', 'bench/tsconfig.json', '--outDir', compiled, '--noCheck'];
  execFileSync(process.execPath, tsc, { cwd: root, stdio: 'inherit' });
  // BENCH_MODULES: a node_modules of the caller's own with packages that only benches want, such as better-sqlite3, which takes a compiler.
  const modules = process.env.BENCH_MODULES;
  if (modules !== undefined) symlinkSync(resolve(modules), `${compiled}/node_modules`);
}

/** Without what would override the executor and the workers that a bench asks for. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MILLRACE_')));

/** Each bench in a process of its own, one after another, so that none disturbs another's figures. */
function runBenches(names: readonly string[], options: readonly string[]): void {
  for (const name of names) {
    console.log(`\n# ${name}`);
    const file = `${compiled}/bench/${name}.js`;
    const { status } = spawnSync(process.execPath, ['--expose-gc', file, ...options], { cwd: root, stdio: 'inherit', env });
    if (status !== 0) process.exitCode = 1;
  }
}

// npm run bench: all of them. npm run bench machines: this one. npm run bench tracks -- --points 500000: with an option of its own.
const args = process.argv.slice(2);
const firstOption = args.findIndex((arg) => arg.startsWith('--'));
const wanted = firstOption < 0 ? args : args.slice(0, firstOption);
const options = firstOption < 0 ? [] : args.slice(firstOption);
const names = benchNames();
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0 || !existsSync(`${root}node_modules/typescript`)) {
  const why = unknown.length > 0 ? `There is no bench called ${unknown.join(', ')}.` : 'Install the packages first: npm install.';
  console.error(`${why} There are: ${names.join(', ')}.`);
  process.exitCode = 1;
} else {
  compile();
  runBenches(wanted.length > 0 ? wanted : names, options);
}
