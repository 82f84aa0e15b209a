import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('.', import.meta.url);

/** A bench is a file of this folder that answers one question and exports `run`. */
interface Bench {
  run(): unknown;
}

/** The names of the benches; other files here help them measure. */
function benchNames(): readonly string[] {
  return readdirSync(folder)
    .filter(
      (file) => file.endsWith('.ts') && /^export (async )?function run\(/m.test(readFileSync(new URL(file, folder), 'utf8')),
    )
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
}

/** Runs benches one after another, so that none disturbs another's figures. */
async function runBenches(names: readonly string[]): Promise<void> {
  for (const name of names) {
    console.log(`\n# ${name}`);
    const bench = (await import(new URL(`${name}.ts`, folder).href)) as Bench;
    await bench.run();
  }
}

// npm run bench: all of them. npm run bench machines: this one.
const names = benchNames();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no bench called ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
  process.exitCode = 1;
} else {
  await runBenches(wanted.length > 0 ? wanted : names);
}
