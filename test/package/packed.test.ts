import { createRequire } from 'node:module';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { createProject, type Project, type Ran, tool } from './packed-package.ts';
import { blocksOf, filesOnPage } from './page-blocks.ts';

const test = suite('packed package');
const long = { timeoutMs: 60_000 };

const readme = filesOnPage('README.md');
const mainBlock = blocksOf('README.md').find(({ file }) => file === 'main.ts');
if (mainBlock?.prints === undefined) throw new Error('README.md has no main.ts, or does not say what it prints.');
const { prints } = mainBlock;
const readsTypeScript = Boolean((process.features as { readonly typescript?: unknown }).typescript);
const command = 'node_modules/millrace/dist/cli/main.js';

const projects = new Map<string, Project>();

/** A project that several tests look at. */
function shared(name: string, make: () => Project): Project {
  const project = projects.get(name) ?? make();
  projects.set(name, project);
  return project;
}

/** The README's files in a strict project. */
function readmeProject(): Project {
  return shared('readme', () => {
    const project = createProject('readme', { packages: ['tsx'] });
    project.write(readme);
    return project;
  });
}

interface Esbuild {
  /** Throws with all that it has to complain of. */
  buildSync(options: Readonly<Record<string, unknown>>): unknown;
}

function succeeded({ status, stdout, stderr }: Ran): string {
  assert.is(status, 0, stdout + stderr);
  return stdout;
}

test(
  "the README's lines compile in a strict project, and run with plain node",
  () => {
    const { tsc, node } = readmeProject();
    succeeded(tsc());
    assert.is(succeeded(node(['built/main.js'])), prints);
  },
  long,
);

test(
  "the README's lines run as they are under tsx",
  () => {
    assert.is(succeeded(readmeProject().node(['--import', 'tsx', 'main.ts'])), prints);
  },
  long,
);

test(
  'its types hold under the strictest options, and bring none of XState along',
  () => {
    const { write, tsc } = createProject('strictest', {
      compilerOptions: { skipLibCheck: false, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
    });
    const entries = [
      'millrace',
      'millrace/work',
      'millrace/testing',
      'millrace/conformance',
      'millrace/annotations',
      'millrace/tracks',
      'millrace/documents',
      'millrace/poll',
      'millrace/warm',
    ];
    write({ ...readme, 'all.ts': entries.map((entry, index) => `export * as e${index} from '${entry}';\n`).join('') });
    const files = succeeded(tsc('--noEmit', '--listFiles')).replaceAll('\\', '/');
    assert.match(files, '/millrace/dist/index.d.ts');
    assert.not.match(files, '/node_modules/xstate/');
  },
  long,
);

test("the README's host and work have twenty-odd lines", () => {
  const lines = Object.values(readme).flatMap((code) =>
    code.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('//')),
  );
  assert.ok(lines.length <= 22, `${lines.length} lines`);
});

test(
  'a source of the wrong items does not compile',
  () => {
    const { write, tsc } = createProject('wrong-item');
    const wrong = readme['main.ts']?.replace(/yield `.*`;/, 'yield line;');
    assert.ok(wrong !== undefined && wrong !== readme['main.ts'], 'the source of the README yields a text');
    write({ ...readme, 'main.ts': wrong });
    const { status, stdout } = tsc('--noEmit');
    assert.is.not(status, 0);
    const errors = stdout.split('\n').filter((line) => /error TS\d+/.test(line));
    assert.is(errors.length, 1, stdout);
    assert.match(errors[0] ?? '', /^main\.ts\(\d+,\d+\): error TS2322/);
    assert.match(stdout, /'number' is not assignable to type 'string'/);
  },
  long,
);

const typescriptWork = {
  'factor.ts': 'export const factor: number = 3;\n',
  'scale.work.ts': `
    import { defineWork } from 'millrace/work';
    import { factor } from './factor.ts';
    const offset = await Promise.resolve(1);
    export default defineWork({ each: (value: number) => value * factor + offset });
  `,
  'scale.ts': `
    import { byCount, defineJob, workModule } from 'millrace';
    import type work from './scale.work.ts';
    export const scale = defineJob(workModule<typeof work>(new URL('./scale.work.ts', import.meta.url)), {
      name: 'scale',
      source: function* (count: number) { for (let value = 0; value < count; value++) yield value; },
      chunk: byCount(2),
      combine: (left, right) => left + right,
    });
  `,
  'host.js': `
    import { byCount, createEngine, defineJob, workModule } from 'millrace';
    const scale = defineJob(workModule(new URL('./scale.work.ts', import.meta.url)), {
      name: 'scale',
      source: (values) => values,
      chunk: byCount(2),
      combine: (left, right) => left + right,
    });
    const engine = await createEngine({ jobs: [scale], workers: 2 });
    console.log((await engine.run(scale, [0, 1, 2, 3, 4])).result);
    await engine.close();
  `,
};

/** Work in TypeScript, with an import of its own and a top-level await. Below each worker, tsx reads it. */
function typescriptProject(): Project {
  return shared('typescript', () => {
    const project = createProject('typescript', { packages: ['tsx'] });
    project.write(typescriptWork);
    return project;
  });
}

test(
  'work in TypeScript, with its own import and a top-level await, runs in the threads of a plain JavaScript host',
  () => {
    assert.is(succeeded(typescriptProject().node(['host.js'])), '35\n');
  },
  long,
);

test(
  'millrace run takes a job in TypeScript as it is',
  () => {
    assert.is(succeeded(typescriptProject().node([command, 'run', 'scale.ts', '--input', '5', '--quiet'])), '35\n');
  },
  long,
);

test.unless(
  readsTypeScript ? 'this Node reads TypeScript by itself' : undefined,
  'work in TypeScript says what to install where nothing reads it',
  () => {
    const { write, node } = createProject('without-tsx');
    write(typescriptWork);
    const { status, stderr } = node(['host.js']);
    assert.is(status, 1);
    assert.match(stderr, /code: 'WORK_MODULE'/);
    assert.match(stderr, /npm install tsx/);
  },
  long,
);

test(
  'CommonJS requires the package, and its work modules may be CommonJS',
  () => {
    const { write, tsc, node } = createProject('commonjs', { type: 'commonjs' });
    write({
      'half.work.ts': `
        import { defineWork } from 'millrace/work';
        export = { default: defineWork({ each: (value: number) => value / 2 }) };
      `,
      'host.ts': `
        import { byCount, createEngine, defineJob, workModule } from 'millrace';
        import { runSequential } from 'millrace/testing';
        import type half = require('./half.work');
        const job = defineJob(workModule<typeof half.default>(require.resolve('./half.work')), {
          name: 'half',
          source: (values: number[]) => values,
          chunk: byCount(1),
          combine: (left, right) => left + right,
        });
        async function main(): Promise<void> {
          const engine = await createEngine({ jobs: [job], workers: 1 });
          console.log((await engine.run(job, [2, 4, 6])).result, (await runSequential(job, [2, 4, 6])).result);
          await engine.close();
        }
        void main();
      `,
    });
    succeeded(tsc());
    assert.is(succeeded(node(['built/host.js'])), '6 6\n');
  },
  long,
);

test(
  'every public entry loads with what the manifest names, by import and by require',
  () => {
    const { node } = readmeProject();
    const entries = [
      'millrace',
      ...['work', 'testing', 'conformance', 'machines', 'annotations', 'documents', 'poll', 'warm', 'tracks'].map(
        (name) => `millrace/${name}`,
      ),
    ];
    const script = `
      const names = ${JSON.stringify(entries)};
      const counts = [];
      for (const name of names) counts.push(Object.keys(await import(name)).length);
      const { createRequire } = await import('node:module');
      const require = createRequire(process.cwd() + '/');
      for (const [place, name] of names.entries()) if (Object.keys(require(name)).filter((key) => key !== '__esModule' && key !== 'module.exports').length !== counts[place]) throw new Error(name);
      console.log(counts.every((count) => count > 0));
    `;
    assert.is(succeeded(node(['--input-type=module', '-e', script])), 'true\n');
  },
  long,
);

test(
  'esbuild bundles a host, when its work is an entry of its own',
  () => {
    const { folder, node } = readmeProject();
    // The one that tsx brings along.
    const esbuild: Esbuild = createRequire(tool('tsx/package.json'))('esbuild');
    esbuild.buildSync({
      absWorkingDir: folder,
      entryPoints: ['main.ts', 'word-count.work.ts'],
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      outdir: 'bundled',
      logLevel: 'silent',
    });
    assert.is(succeeded(node(['bundled/main.js'])), prints);
  },
  long,
);

test('the command says its version', () => {
  assert.match(succeeded(readmeProject().node([command, '--version'])), /^\d+\.\d+\.\d+\n$/);
});

test.run();
