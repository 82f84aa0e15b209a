import { readdirSync } from 'node:fs';

/**
 * Runs benches by name: `npm run bench`, `npm run bench claims`. A bench is a file of this folder that answers one question;
 * importing it runs it. Without a name all run, one after another, so that none disturbs another's figures.
 */
async function runBenches(wanted: readonly string[]): Promise<void> {
  const names = readdirSync(new URL('.', import.meta.url))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.work.ts') && file !== 'run.ts')
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new Error(`There is no bench called ${unknown.join(', ')}. There are: ${names.join(', ') || 'none yet'}.`);
  }
  for (const name of wanted.length > 0 ? wanted : names) {
    console.log(`\n# ${name}`);
    await import(new URL(`./${name}.ts`, import.meta.url).href);
  }
}

await runBenches(process.argv.slice(2));
