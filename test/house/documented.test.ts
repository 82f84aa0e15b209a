import { posix } from 'node:path';
import * as assert from 'uvu/assert';
import { sourceFiles } from '../support/source-files.ts';
import { suite } from '../support/suite.ts';

const sources = new Map(sourceFiles('src').map(({ path, text }) => [path, text]));
const entries = ['index', 'work', 'testing', 'conformance', 'machines', 'annotations', 'documents', 'poll', 'warm', 'tracks'].map(
  (name) => `src/${name}.ts`,
);

const fromClause = /(?:^|\n)\s*(?:import|export)(\s+type)?\b[^'";]*?\bfrom\s*'(\.[^']+)'|\bimport\('(\.[^']+)'\)/g;

/** The files of ours that a file imports. Imports of types alone are left out: they are gone at run time. */
function importsOf(path: string): readonly string[] {
  return [...(sources.get(path) ?? '').matchAll(fromClause)]
    .filter(([, type]) => type === undefined)
    .map(([, , from, dynamic]) => posix.join(posix.dirname(path), from ?? dynamic ?? ''));
}

/** The names that a file exports from itself or from others: where each is declared, and as what. */
function exportsOf(path: string): ReadonlyMap<string, { readonly path: string; readonly name: string }> {
  const text = sources.get(path) ?? '';
  const found = new Map<string, { path: string; name: string }>();
  for (const [, list = '', from] of text.matchAll(/(?:^|\n)export(?: type)? \{([^}]*)\}(?: from '([^']+)')?/g)) {
    const file = from?.startsWith('.') ? posix.join(posix.dirname(path), from) : path;
    for (const part of list.split(',')) {
      const [local, exported] = part
        .trim()
        .replace(/^type /, '')
        .split(/ as /);
      if (local) found.set(exported ?? local, { path: file, name: local });
    }
  }
  for (const [, name = ''] of text.matchAll(declared)) found.set(name, { path, name });
  return found;
}

const declared = /(?:^|\n)export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|let|class|interface|type) (\w+)/g;

/** Whether a name's declaration stands directly below a doc comment; follows re-exports. */
function isDocumented(path: string, name: string): boolean {
  const text = sources.get(path);
  if (text === undefined) throw new Error(`${path} is exported from, but there is no such file.`);
  const declaration = new RegExp(
    `(?:^|\\n)(?:export )?(?:declare )?(?:async )?(?:function\\*?|const|let|class|interface|type) ${name}\\b`,
  );
  const match = declaration.exec(text);
  if (match) return text.slice(0, match.index).trimEnd().endsWith('*/');
  const next = exportsOf(path).get(name);
  return next !== undefined && next.path !== path && isDocumented(next.path, next.name);
}

/** A way of imports that comes back to where it began, if there is one. */
function findCycle(): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return undefined;
    for (const next of importsOf(path)) {
      const cycle = visit(next, [...way, path]);
      if (cycle) return cycle;
    }
    done.add(path);
    return undefined;
  };
  for (const path of sources.keys()) {
    const cycle = visit(path, []);
    if (cycle) return cycle;
  }
  return undefined;
}

const test = suite('source');

for (const entry of entries) {
  test(`every name that ${entry} exports has a doc comment`, () => {
    assert.ok(sources.has(entry), `${entry} does not exist`);
    const names = [...exportsOf(entry)];
    assert.ok(names.length > 0, `${entry} exports nothing`);
    const silent = names.filter(([, { path, name }]) => !isDocumented(path, name)).map(([name, { path }]) => `${name} (${path})`);
    assert.equal(silent, []);
  });
}

test('no file of src reaches 300 lines', () => {
  const long = [...sources].filter(([, text]) => text.split('\n').length > 300).map(([path]) => path);
  assert.equal(long, []);
});

test('no import leads back to where it began', () => {
  const all = [...sources.keys()].flatMap(importsOf);
  assert.ok(all.length > 20, 'imports are found at all');
  assert.equal(findCycle(), undefined);
});

test('no default export, no `export *`, no silenced compiler in src', () => {
  const found = [...sources].flatMap(([path, text]) => {
    const code = text.replace(/\/\*[\s\S]*?\*\//g, '');
    const hit = /^export (?:default|\*)|@ts-(?:ignore|expect-error|nocheck)/m.exec(code);
    return hit && !path.endsWith('.work.ts') ? [`${path}: ${hit[0]}`] : [];
  });
  assert.equal(found, []);
});

test.run();
