import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const modules = join(root, 'node_modules');

let home: string | undefined;

/** A folder for all that this process packs, gone when it ends. */
function homeFolder(): string {
  if (home === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'millrace-packed-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    home = made;
  }
  return home;
}

let unpacked: string | undefined;

/**
 * The package as npm would publish it: built from the present sources, packed and unpacked again. Made once a process.
 *
 * The build has a folder of its own, since other tests may look at `dist` or build it at the same time. Types are the gate's business.
 */
function unpackedPackage(): string {
  if (unpacked !== undefined) return unpacked;
  const source = join(homeFolder(), 'source');
  const outDir = join(source, 'dist');
  runNode(root, [tool('typescript/bin/tsc'), '-p', 'tsconfig.build.json', '--noCheck', '--outDir', outDir]);
  for (const paper of ['package.json', 'README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE'])
    cpSync(join(root, paper), join(source, paper));
  const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--offline', '--pack-destination', homeFolder()], {
    cwd: source,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  execFileSync('tar', ['-xzf', filename], { cwd: homeFolder() });
  unpacked = join(homeFolder(), 'package');
  return unpacked;
}

/** Where a tool of ours is. */
export function tool(path: string): string {
  return join(modules, path);
}

/** A user's project that has installed the packed package. */
export interface Project {
  readonly folder: string;
  write(files: Readonly<Record<string, string>>): void;
  /** Runs `node` in the project, or in a folder of it. */
  node(args: readonly string[], place?: string): Ran;
  /** Runs the compiler on the whole project. */
  tsc(...args: readonly string[]): Ran;
}

/** How a program ended. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a project is made of, besides the package. */
export interface ProjectOptions {
  readonly type?: 'module' | 'commonjs';
  /** Packages that the user has installed, too. */
  readonly packages?: readonly string[];
  readonly compilerOptions?: Readonly<Record<string, unknown>>;
}

/**
 * Makes a strict TypeScript project with the package in its `node_modules`, as `npm install` would leave it but without a network:
 * our files are copies, so that they can reach only what is linked beside them, which is what the manifest names.
 */
export function createProject(name: string, options: ProjectOptions = {}): Project {
  const { type = 'module', packages = [], compilerOptions = {} } = options;
  const folder = join(homeFolder(), name);
  const installed = join(folder, 'node_modules', 'millrace');
  cpSync(unpackedPackage(), installed, { recursive: true });
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { dependencies: object };
  for (const one of [...Object.keys(dependencies), '@types/node', ...packages]) linkPackage(folder, one);
  const project: Project = {
    folder,
    write(files) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
    },
    node: (args, place = '.') => tryNode(join(folder, place), args),
    tsc: (...args) => tryNode(folder, [tool('typescript/bin/tsc'), '-p', '.', ...args]),
  };
  const tsconfig = {
    compilerOptions: { module: 'nodenext', target: 'es2023', types: ['node'], strict: true, outDir: 'built', ...compilerOptions },
    exclude: ['built'],
  };
  project.write({
    'package.json': JSON.stringify({ name, private: true, type }),
    'tsconfig.json': JSON.stringify(tsconfig),
  });
  return project;
}

function linkPackage(folder: string, name: string): void {
  const target = join(folder, 'node_modules', name);
  mkdirSync(dirname(target), { recursive: true });
  symlinkSync(join(modules, name), target, 'junction');
}

function runNode(cwd: string, args: readonly string[]): void {
  const { status, stdout, stderr } = tryNode(cwd, args);
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
}

function tryNode(cwd: string, args: readonly string[]): Ran {
  const env = { ...process.env };
  // What a developer has set for our own tests is not part of a user's project.
  for (const name of ['NODE_OPTIONS', 'MILLRACE_WORKERS', 'MILLRACE_EXECUTOR', 'TSX_TSCONFIG_PATH', 'FORCE_COLOR'])
    delete env[name];
  try {
    const stdout = execFileSync(process.execPath, [...args], {
      cwd,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
    return { status: 0, stdout, stderr: '' };
  } catch (error) {
    const { status, stdout, stderr, message } = error as {
      status?: number | null;
      stdout?: string;
      stderr?: string;
      message: string;
    };
    return { status: status ?? -1, stdout: stdout ?? '', stderr: stderr || message };
  }
}
