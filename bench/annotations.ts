import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inFreshProcess } from './fresh-process.ts';
import { goal } from './goal.ts';
import { compare } from './measure.ts';
import { numberOption } from './options.ts';

/** How long does it take to check, align and write annotations, and do two workers take half of it? */
export async function run(): Promise<void> {
  const count = numberOption('records', 60_000);
  const { records, references } = invented(count);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const variant = (type: string) => () => inFreshProcess('annotations-variant', [type, records, references, join(folder, type)]);
  try {
    const measured = await compare(
      `${count.toLocaleString('en')} annotated texts, checked, aligned and written, each in a process of its own (memory store)`,
      { 'plain loop': variant('plain'), 'engine, inline': variant('inline'), 'engine, 2 threads': variant('threads') },
      { rounds: numberOption('rounds', 5) },
    );
    const { 'engine, inline': inline, 'engine, 2 threads': threads } = measured;
    goal('2 threads over inline', inline.wallMs / threads.wallMs, { atLeast: 1.7 });
    expectSameBytes(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function expectSameBytes(folder: string): void {
  const [plain, inline, threads] = ['plain', 'inline', 'threads'].map((type) =>
    readFileSync(join(folder, type, 'annotations.jsonl')),
  );
  if (!(inline && threads?.equals(inline) && plain?.equals(inline)))
    throw new Error('annotations.jsonl is not the same for all three');
  console.log('reached  annotations.jsonl has the same bytes in all three');
}

const words =
  'kinase of the receptor binds protein in cells that transcription factor IRF-4 regulates with p53 and NF-kappaB'.split(' ');

/** Records like those of text-mining corpora: sentences with blanks around each sign, and parts of longer articles. Written once. */
function invented(count: number): { readonly records: string; readonly references: string } {
  const [records, references] = ['records', 'references'].map((kind) => join(tmpdir(), `millrace-bench-${count}-${kind}.jsonl`));
  const files = { records: records as string, references: references as string };
  if (existsSync(files.records)) return files;
  const lines: { [Kind in keyof typeof files]: string[] } = { records: [], references: [] };
  for (let number = 0; lines.records.length < count; number++) {
    const source = { sourcedb: 'Invented', sourceid: String(number) };
    const sections = Array.from({ length: number % 8 === 0 ? 12 : 1 }, (_, section) =>
      sentences(number * 31 + section, number % 8 === 0 ? 9 : 1),
    );
    const whole = number % 8 === 0 ? sections.join('\n') : sections.join('').replace(/ (?=[.,;])/g, '');
    lines.references.push(JSON.stringify({ ...source, text: whole }));
    for (const text of sections) lines.records.push(JSON.stringify({ ...source, text, ...annotate(text) }));
  }
  writeFileSync(files.references, `${lines.references.join('\n')}\n`);
  writeFileSync(`${files.records}.draft`, `${lines.records.slice(0, count).join('\n')}\n`);
  renameSync(`${files.records}.draft`, files.records);
  return files;
}

function sentences(seed: number, count: number): string {
  return Array.from({ length: count }, (_, sentence) => {
    const said = Array.from(
      { length: 24 },
      (_, place) => words[(seed * 7 + sentence * 11 + place * (3 + (seed % 5))) % words.length],
    );
    return `Result ${seed} ${sentence} : ${said.slice(0, 12).join(' ')} , ${said.slice(12).join(' ')} .`;
  }).join(' ');
}

function annotate(text: string): Record<string, unknown> {
  const denotations = [...text.matchAll(/kinase|receptor|protein|IRF-4|p53/g)].slice(0, 24).map(({ index, 0: word }, place) => ({
    id: `T${place + 1}`,
    span: { begin: index, end: index + word.length },
    obj: 'Protein',
  }));
  const attributes = denotations.map(({ id }, place) => ({ id: `A${place + 1}`, subj: id, pred: 'sure', obj: place % 2 === 0 }));
  return { denotations, attributes };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await run();
