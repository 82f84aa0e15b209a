import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Member, readMembers } from './read-members.ts';

const root = new URL('../', import.meta.url);
const page = new URL('docs/configuration.md', root);

interface Section {
  readonly title: string;
  readonly file: string;
  readonly type: string;
  readonly text: string;
}

const sections: readonly Section[] = [
  {
    title: 'Engine',
    file: 'src/engine/api/options.ts',
    type: 'EngineOptions',
    text: 'What `createEngine` takes. Every option has a default.',
  },
  {
    title: 'Start',
    file: 'src/engine/api/options.ts',
    type: 'StartOptions',
    text: 'The last argument of `engine.start` and `engine.run`: what follows, and every policy of the next section, for this one session.',
  },
  {
    title: 'Policies',
    file: 'src/model/job.ts',
    type: 'Policies',
    text: 'Given to `defineJob` for all sessions of a job, or to a start for one; a start wins over its job.',
  },
  { title: 'Retry', file: 'src/model/job.ts', type: 'RetryPolicy', text: 'The policy `retry`.' },
  {
    title: 'Job',
    file: 'src/model/job.ts',
    type: 'JobBase',
    text: 'What every job can say of itself. Only `name` is demanded; a job whose work takes settings also gives `settings`, a value or a function of the input.',
  },
  { title: 'Job with a source', file: 'src/model/job.ts', type: 'ItemJob', text: 'A job that reads its items on the host.' },
  {
    title: 'Job with slices',
    file: 'src/model/job.ts',
    type: 'SliceJob',
    text: 'A job whose workers read their own part of the input.',
  },
  {
    title: 'byRange',
    file: 'src/model/chunkers.ts',
    type: 'RangeOptions',
    text: 'Chunks by a range of a key. (`byCount(size)` takes a whole number from 1 to 1,000,000.)',
  },
];

/** Read once, when an engine is created. They win over the code, so that an operator can act without a new build. */
export const environmentVariables: readonly { readonly name: string; readonly text: string }[] = [
  {
    name: 'MILLRACE_WORKERS',
    text: 'Worker threads: a whole number from 1 to 1,024. Stands in for the engine option `workers`.',
  },
  {
    name: 'MILLRACE_EXECUTOR',
    text: 'Where batches run: `threads`, `processes` or `inline`. Stands in for the engine option `executor`.',
  },
  {
    name: 'MILLRACE_PDF_PASSWORD',
    text: 'Opens encrypted files for [documents](documents.md) alone: read by their workers, whose engine names it in `env`.',
  },
  {
    name: 'MILLRACE_REDIS_PASSWORD',
    text: 'Opens Redis caches that are [warmed](warm.md): read by their workers, whose engine names it in `env`, and by the host.',
  },
];

/** The page docs/configuration.md, made from the option types' own comments. */
export function configurationPage(): string {
  return [
    '# Configuration',
    '',
    'Made by `npm run docs` from the comments in the source: change them there.',
    'Every value is checked when it is given; a wrong one is an `INVALID_OPTION` that names the option.',
    "A duration is a number of milliseconds, or a text such as `'250ms'`, `'5s'`, `'1.5h'`, `'7d'`.",
    '',
    ...sections.flatMap(sectionLines),
    '## Environment variables',
    '',
    'Read once, when an engine is created. They win over the code, so that an operator can act without a new build.',
    '',
    '| variable | what it does |',
    '|---|---|',
    ...environmentVariables.map(({ name, text }) => `| \`${name}\` | ${text} |`),
    '',
  ].join('\n');
}

function sectionLines({ title, file, type, text }: Section): readonly string[] {
  const members = readMembers(readFileSync(new URL(file, root), 'utf8'), type);
  const rows = members.filter((member) => member.type !== 'never').flatMap((member) => rowsOf(member, ''));
  return [`## ${title}`, '', text, '', '| option | type | default | what it does |', '|---|---|---|---|', ...rows, ''];
}

function rowsOf(member: Member, prefix: string): readonly string[] {
  const name = `${prefix}${member.name}`;
  if (member.members.length > 0) return member.members.flatMap((inner) => rowsOf(inner, `${name}.`));
  return [`| \`${name}\` | \`${inCell(shortType(member.type))}\` | ${inCell(defaultOf(member))} | ${inCell(member.text)} |`];
}

function defaultOf({ defaultValue, optional }: Member): string {
  if (defaultValue === undefined) return optional ? '' : '**demanded**';
  return /^('.*'|\d+|true|false|\w+\(\))$/.test(defaultValue) ? `\`${defaultValue}\`` : defaultValue;
}

/** `NoInfer` steers the compiler and tells a reader nothing. */
function shortType(type: string): string {
  return type.replace(/NoInfer<(\w+)>/g, '$1');
}

/** A bar would end the cell, also inside code. */
function inCell(text: string): string {
  return text.replaceAll('|', '\\|');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(page, configurationPage());
  console.log(`Wrote ${fileURLToPath(page)}`);
}
