// The one gate: the same here and in CI. Every step runs, so that one look shows all that is wrong.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Build comes before the tests, because some look at what would be published. */
const steps = [
  ['format and lint', 'lint'],
  ['types', 'types'],
  ['unused code', 'unused'],
  ['build', 'build'],
  ['tests', 'test'],
  ['package', 'package'],
  ['API reports', 'api', '--', '--check'],
];

const root = fileURLToPath(new URL('..', import.meta.url));
// npm names its own file; on Windows the command `npm` can't be spawned without a shell.
const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];

const results = steps.map(([title, ...script]) => {
  console.log(`\n== ${title}`);
  const [command, ...args] = [...npm, 'run', '--silent', ...script];
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) console.error(error);
  return { title, passed: status === 0 };
});

console.log('');
for (const { title, passed } of results) console.log(`check ${passed ? 'passed' : 'FAILED'}: ${title}`);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
