import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mutations } from './mutations/all.ts';
import { root } from './mutations/fit.ts';
import type { Mutation } from './mutations/mutation.ts';
import type { RunOptions } from './options.ts';

/** Seeds within which a planted bug must be found. */
const seedsToFind = 10_000;
/** A bug that makes worlds endless must not make the run so. */
const longestMs = 600_000;

/** Plants each bug in a copy of the source, and simulates there until a rule is broken. Answers whether all were found. */
export async function runMutations({ only }: RunOptions): Promise<boolean> {
  const folder = await copyOfSource();
  const missed: string[] = [];
  try {
    const chosen = mutations.filter(({ name }) => only === undefined || name.includes(only));
    for (const mutation of chosen) {
      const found = await tryOne(folder, mutation);
      process.stdout.write(`${found ? `found at seed ${found.seed} (${found.rule})` : 'NOT FOUND'}: ${mutation.name}\n`);
      if (!found) missed.push(mutation.name);
    }
    process.stdout.write(`mutation score: ${chosen.length - missed.length} of ${chosen.length}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return missed.length === 0;
}

async function copyOfSource(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-mutations-'));
  for (const path of ['src', 'test/simulation', 'package.json', 'tsconfig.json']) {
    await cp(join(root, path), join(folder, path), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

async function tryOne(folder: string, { changes }: Mutation): Promise<{ seed: number; rule: string } | undefined> {
  const before = new Map<string, string>();
  for (const { file, find, replace } of changes) {
    const path = join(folder, file);
    const text = await readFile(path, 'utf8');
    if (!before.has(path)) before.set(path, text);
    if (text.split(find).length !== 2) throw new Error(`${file} does not have this exactly once: ${find}`);
    await writeFile(
      path,
      text.replace(find, () => replace),
    );
  }
  try {
    return await findIn(folder);
  } finally {
    for (const [path, text] of before) await writeFile(path, text);
  }
}

/** A copy that does not even run has not been found out by a rule. */
async function findIn(folder: string): Promise<{ seed: number; rule: string } | undefined> {
  const runner = join(folder, 'test/simulation/run.ts');
  const options = ['--seeds', `1..${seedsToFind}`, '--first'];
  const child = spawn(process.execPath, ['--import', 'tsx', runner, ...options], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const tooLong = setTimeout(() => child.kill('SIGKILL'), longestMs);
  let said = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  await once(child, 'close');
  clearTimeout(tooLong);
  const [, seed, rule] = /^seed (\d+) breaks (\w+)/m.exec(said) ?? [];
  if (seed === undefined && complaint !== '') process.stdout.write(complaint.slice(0, 2_000));
  return seed === undefined || rule === undefined ? undefined : { seed: Number(seed), rule };
}
