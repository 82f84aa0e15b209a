import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { mutations } from './mutations/all.ts';
import type { Mutation } from './mutations/mutation.ts';
import type { RunOptions } from './options.ts';
import { copyOfSource, type SourceCopy } from './source-copy.ts';

/** Seeds within which a planted bug must be found. */
const seedsToFind = 10_000;
/** A bug that makes worlds endless must not make the run so. */
const longestMs = 900_000;

/** A seed that breaks a rule. */
interface Found {
  readonly seed: number;
  readonly rule: string;
}

/** Plants each bug in a copy of the source, and simulates there until a rule is broken. Answers whether all were found. */
export async function runMutations({ only }: RunOptions): Promise<boolean> {
  const [spoilt, sound] = await Promise.all([copyOfSource(), copyOfSource()]);
  const missed: string[] = [];
  try {
    const chosen = mutations.filter(({ name }) => only === undefined || name.includes(only));
    for (const mutation of chosen) {
      const found = await find(mutation, spoilt, sound);
      process.stdout.write(`${found ? `found at seed ${found.seed} (${found.rule})` : 'NOT FOUND'}: ${mutation.name}\n`);
      if (!found) missed.push(mutation.name);
    }
    process.stdout.write(`mutation score: ${chosen.length - missed.length} of ${chosen.length}\n`);
  } finally {
    await Promise.all([spoilt.remove(), sound.remove()]);
  }
  return missed.length === 0;
}

/** The first seed that breaks a rule with the bug, and none without it. */
async function find(mutation: Mutation, spoilt: SourceCopy, sound: SourceCopy): Promise<Found | undefined> {
  const takeOut = await spoilt.plant(mutation);
  try {
    for (let from = 1; from <= seedsToFind; ) {
      const found = await firstBroken(spoilt, from, seedsToFind);
      if (!found || !(await firstBroken(sound, found.seed, found.seed))) return found;
      from = found.seed + 1;
    }
    return undefined;
  } finally {
    await takeOut();
  }
}

/** A copy that does not even run has not been found out by a rule. */
async function firstBroken({ folder }: SourceCopy, from: number, to: number): Promise<Found | undefined> {
  const runner = join(folder, 'test/simulation/run.ts');
  const options = ['--import', 'tsx', runner, '--seeds', `${from}..${to}`, '--first'];
  const child = spawn(process.execPath, options, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
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
