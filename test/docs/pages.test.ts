import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import type { AnyCommand } from '../../src/cli/arguments/command.ts';
import { parseArguments } from '../../src/cli/arguments/parse-arguments.ts';
import { command as annotations } from '../../src/cli/commands/annotations.ts';
import { command as deadLetters } from '../../src/cli/commands/dead-letters.ts';
import { command as demoTracks } from '../../src/cli/commands/demo-tracks.ts';
import { command as doctor } from '../../src/cli/commands/doctor.ts';
import { command as documents } from '../../src/cli/commands/documents.ts';
import { command as health } from '../../src/cli/commands/health.ts';
import { command as poll } from '../../src/cli/commands/poll.ts';
import { command as prune } from '../../src/cli/commands/prune.ts';
import { command as queue } from '../../src/cli/commands/queue.ts';
import { command as resume } from '../../src/cli/commands/resume.ts';
import { command as run } from '../../src/cli/commands/run.ts';
import { command as schedules } from '../../src/cli/commands/schedules.ts';
import { command as sessions } from '../../src/cli/commands/sessions.ts';
import { command as shadow } from '../../src/cli/commands/shadow.ts';
import { command as show } from '../../src/cli/commands/show.ts';
import { command as tracks } from '../../src/cli/commands/tracks.ts';
import { command as warm } from '../../src/cli/commands/warm.ts';
import { command as warmClear } from '../../src/cli/commands/warm-clear.ts';
import { command as warmSchedule } from '../../src/cli/commands/warm-schedule.ts';
import { sourceFiles } from '../support/source-files.ts';
import { suite } from '../support/suite.ts';

const test = suite('what pages point at');
const root = new URL('../../', import.meta.url);

const docs = readdirSync(new URL('docs/', root)).filter((name) => name.endsWith('.md'));
const pages = ['README.md', 'CHANGELOG.md', ...docs.map((name) => `docs/${name}`)].map((page) => ({
  page,
  url: new URL(page, root),
  text: readFileSync(new URL(page, root), 'utf8').replaceAll('\r\n', '\n'),
}));

const commands: readonly AnyCommand[] = [
  annotations,
  demoTracks,
  documents,
  poll,
  tracks,
  // Longer names first: a line is of the first whose name it begins with.
  warmClear,
  warmSchedule,
  warm,
  run,
  sessions,
  schedules,
  shadow,
  show,
  resume,
  queue,
  deadLetters,
  health,
  prune,
  doctor,
];

test('every link to a file of ours leads to one', () => {
  const links = pages.flatMap(({ page, url, text }) =>
    [...text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => ({
      page,
      link,
      target: new URL(link, url),
    })),
  );
  assert.ok(links.length > 20, 'links are found at all');
  const broken = links.filter(({ target }) => !existsSync(target)).map(({ page, link }) => `${page}: ${link}`);
  assert.equal(broken, []);
});

test('every page of docs can be reached from the README', () => {
  const readme = pages[0]?.text ?? '';
  const lost = docs.filter((name) => !readme.includes(`(docs/${name})`));
  assert.equal(lost, []);
});

test('every source file that the architecture page names is there', () => {
  const text = pages.find(({ page }) => page === 'docs/architecture.md')?.text ?? '';
  const named = [...text.matchAll(/`((?:[\w-]+\/)*[\w-]+\.ts)`/g)].map(([, name = '']) => name);
  const paths = sourceFiles('src').map(({ path }) => path);
  assert.ok(named.length > 30, 'names are found at all');
  assert.equal(
    named.filter((name) => !paths.some((path) => path.endsWith(`/${name}`))),
    [],
  );
});

/** The words of a command line, as a shell would part them. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

/** The command lines of ours in the console blocks of a page. */
function commandLines(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  return blocks.flatMap((block) =>
    [...block.matchAll(/^\$ millrace (.*)$/gm)].map(([, line = '']) => line.replace(/\s+# .*$/, '')),
  );
}

for (const { page, text } of pages.filter((one) => commandLines(one.text).length > 0)) {
  test(`${page}: the commands that it shows have these options and operands`, () => {
    for (const line of commandLines(text)) {
      const command = commands.find(({ name }) => line === name || line.startsWith(`${name} `));
      assert.ok(command, `millrace ${line}`);
      parseArguments(command, wordsOf(line.slice(command.name.length)));
    }
  });
}

test.run();
