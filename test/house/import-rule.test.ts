import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folders = ['model', 'machines', 'drivers', 'adapters', 'workloads', 'engine', 'inspect', 'testing', 'cli'] as const;
type Folder = (typeof folders)[number];

/** The rule as the architecture states it: what each folder may import of ours, besides itself. `testing` and `cli` wire, like the entries. */
const mayImport: Record<Exclude<Folder, 'testing' | 'cli'>, readonly Folder[]> = {
  model: [],
  machines: ['model'],
  drivers: ['model'],
  adapters: ['drivers', 'model'],
  workloads: ['drivers', 'model'],
  engine: ['machines', 'model'],
  inspect: ['engine', 'machines', 'model'],
};

interface Diagnostic {
  readonly category: string;
  readonly message: string;
  readonly location: { readonly path: string };
}

/** Lints files that exist only in a folder of their own, under this project's configuration. */
function lint(files: Readonly<Record<string, string>>): readonly Diagnostic[] {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-lint-'));
  try {
    copyFileSync(`${root}biome.jsonc`, join(folder, 'biome.jsonc'));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const args = [`${root}node_modules/@biomejs/biome/bin/biome`, 'lint', '--reporter=json', '--max-diagnostics=none', '.'];
    const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    return (JSON.parse(stdout) as { diagnostics: readonly Diagnostic[] }).diagnostics;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The paths that the lint refuses for what they import. */
function refused(imports: Readonly<Record<string, string>>): readonly string[] {
  const files = Object.fromEntries(
    Object.entries(imports).map(([path, from]) => [path, `import { name } from '${from}';\nname();\n`]),
  );
  return lint(files)
    .filter(({ category }) => category === 'lint/style/noRestrictedImports')
    .map(({ location }) => location.path)
    .sort();
}

const test = suite('import rule');

for (const [folder, allowed] of Object.entries(mayImport)) {
  test(`src/${folder} may import ${['itself', ...allowed].join(', ')} and no other folder of ours`, () => {
    const imports: Record<string, string> = {};
    const expected: string[] = [];
    for (const other of folders) {
      const near = `src/${folder}/to-${other}.ts`;
      const deep = `src/${folder}/deep/to-${other}.ts`;
      imports[near] = other === folder ? './a.ts' : `../${other}/a.ts`;
      imports[deep] = other === folder ? '../a.ts' : `../../${other}/deep/a.ts`;
      if (other !== folder && !allowed.includes(other)) expected.push(near, deep);
    }
    assert.equal(refused(imports), expected.sort());
  });

  test(`src/${folder} may not import a public entry, nor what wires the engine`, () => {
    const entries = [
      'index',
      'create-engine',
      'work',
      'testing',
      'conformance',
      'machines',
      'annotations',
      'documents',
      'poll',
      'warm',
      'tracks',
    ];
    const imports = Object.fromEntries(entries.map((entry) => [`src/${folder}/to-${entry}.ts`, `../${entry}.ts`]));
    assert.equal(refused(imports), Object.keys(imports).sort());
  });
}

test('src/cli may import everything', () => {
  const imports = Object.fromEntries(folders.map((folder) => [`src/cli/to-${folder}.ts`, `../${folder}/a.ts`]));
  assert.equal(refused({ ...imports, 'src/cli/to-index.ts': '../index.ts' }), []);
});

test('worker code may not import rxjs or xstate, nor anything of ours but the model', () => {
  const imports = {
    'src/adapters/worker/rxjs.ts': 'rxjs',
    'src/adapters/worker/operators.ts': 'rxjs/operators',
    'src/adapters/worker/xstate.ts': 'xstate',
    'src/adapters/worker/engine.ts': '../../engine/a.ts',
    'src/adapters/worker/machines.ts': '../../machines/a.ts',
    'src/adapters/worker/drivers.ts': '../../drivers/a.ts',
  };
  const allowed = { 'src/adapters/worker/model.ts': '../../model/a.ts', 'src/adapters/worker/node.ts': 'node:fs' };
  assert.equal(refused({ ...imports, ...allowed }), Object.keys(imports).sort());
});

test('src/work.ts, which every worker loads, may import only the model', () => {
  for (const from of ['./engine/a.ts', './adapters/worker/a.ts', './machines/a.ts', './index.ts', 'rxjs', 'xstate']) {
    assert.equal(refused({ 'src/work.ts': from }), ['src/work.ts'], from);
  }
  assert.equal(refused({ 'src/work.ts': './model/a.ts' }), []);
});

test('a type, a re-export and a dynamic import count as imports', () => {
  const found = lint({
    'src/model/type.ts': "import type { Name } from '../engine/a.ts';\nexport type Other = Name;\n",
    'src/model/re-export.ts': "export { name } from '../engine/a.ts';\n",
    'src/model/dynamic.ts': "export const name = await import('../engine/a.ts');\n",
  });
  const paths = found
    .filter(({ message }) => message.includes('src/model imports nothing of ours'))
    .map((one) => one.location.path);
  assert.equal(paths.sort(), ['src/model/dynamic.ts', 'src/model/re-export.ts', 'src/model/type.ts']);
});

test('files that import each other are refused', () => {
  const found = lint({
    'src/engine/a.ts': "import { b } from './b.ts';\n\nexport const a = () => b;\n",
    'src/engine/b.ts': "import { a } from './a.ts';\n\nexport const b = () => a;\n",
  });
  assert.equal(found.map(({ category }) => category).sort(), [
    'lint/suspicious/noImportCycles',
    'lint/suspicious/noImportCycles',
  ]);
});

test('a file of src over 300 lines is refused', () => {
  const long = Array.from({ length: 302 }, (_, line) => `export const line${line} = ${line};\n`).join('');
  const found = lint({ 'src/engine/long.ts': long, 'test/long.ts': long });
  assert.equal(
    found.map(({ category, location }) => `${category} ${location.path}`),
    ['lint/style/noExcessiveLinesPerFile src/engine/long.ts'],
  );
});

test.run();
