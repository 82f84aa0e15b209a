import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const ours = manifestAt(root);

function manifestAt(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** The folder of an installed package, as Node would find it from another package's folder. */
function folderOf(name: string, from: string): string | undefined {
  const places = createRequire(join(from, 'package.json')).resolve.paths(name) ?? [];
  return places.map((place) => join(place, name)).find((folder) => existsSync(join(folder, 'package.json')));
}

/** Every package that comes with ours, by folder: dependencies of dependencies too, optional ones where they are installed. */
function installedWithUs(): ReadonlyMap<string, Manifest> {
  const found = new Map<string, Manifest>();
  const visit = (manifest: Manifest, from: string): void => {
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
      const folder = folderOf(name, from);
      const optional = manifest.optionalDependencies?.[name] !== undefined;
      if (!folder && !optional) throw new Error(`${name}, which ${manifest.name} needs, is not installed. Run npm install.`);
      if (!folder || found.has(folder)) continue;
      found.set(folder, manifestAt(folder));
      visit(manifestAt(folder), folder);
    }
  };
  visit(ours, root);
  return found;
}

const test = suite('package');

test('no package that comes with ours runs a script at its installation', () => {
  const packages = [...installedWithUs()];
  assert.ok(packages.length >= Object.keys(ours.dependencies ?? {}).length);
  const scripted = packages.filter(([folder, { scripts }]) => {
    // npm compiles a package with a binding.gyp even when it names no script.
    return scripts?.preinstall || scripts?.install || scripts?.postinstall || existsSync(join(folder, 'binding.gyp'));
  });
  assert.equal(
    scripted.map(([, { name }]) => name),
    [],
  );
});

test('every dependency is pinned to one version', () => {
  const ranges = Object.entries({ ...ours.dependencies, ...ours.devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
  );
  assert.equal(ranges, []);
});

test('every peer is optional', () => {
  const demanded = Object.keys(ours.peerDependencies ?? {}).filter((name) => !ours.peerDependenciesMeta?.[name]?.optional);
  assert.equal(demanded, []);
});

test('docs/decisions.md has a reason for every dependency', () => {
  const rows = readFileSync(join(root, 'docs/decisions.md'), 'utf8').split('\n');
  const names = Object.keys({ ...ours.dependencies, ...ours.devDependencies, ...ours.peerDependencies });
  const unnamed = names.filter((name) => !rows.some((row) => row.startsWith(`| \`${name}\` | `)));
  assert.equal(unnamed, []);
});

const notBuilt = existsSync(join(root, 'dist')) ? undefined : 'dist is not built: npm run build';

test.unless(notBuilt, 'what is packed is dist and the papers, and nothing else', () => {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  const [packed] = JSON.parse(output) as readonly { files: readonly { path: string }[] }[];
  const files = (packed?.files ?? []).map(({ path }) => path);
  const papers = files.filter((path) => !path.startsWith('dist/')).sort();
  assert.equal(papers, ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json']);
  const strange = files.filter((path) => path.startsWith('dist/') && !/\.(js|js\.map|d\.ts|html|css|svg)$/.test(path));
  assert.equal(strange, []);
});

test.unless(notBuilt, 'every file that the manifest names has been built', () => {
  const named = JSON.stringify([ours.exports, ours.bin]).match(/\.\/dist\/[^"]+/g) ?? [];
  assert.ok(named.length > 10);
  const missing = named.filter((path) => !existsSync(join(root, path)));
  assert.equal(missing, []);
});

test.run();
