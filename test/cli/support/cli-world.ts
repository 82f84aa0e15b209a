import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const main = join(root, 'src/cli/main.ts');
const tsx = import.meta.resolve('tsx');

/** How a command ended, and what it said where. */
export interface Ended {
  /** The exit code; null when a signal ended the process. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that is running in a process of its own. */
export interface RunningCommand {
  readonly process: ChildProcess;
  /** Resolves when stderr has this text; rejects when the process ends without it. */
  says(text: string): Promise<void>;
  /** Looks again and again until something is so that another process brings about; rejects when the command ends before. */
  until(look: () => boolean | Promise<boolean>): Promise<void>;
  ended(): Promise<Ended>;
}

/** Makes `import 'millrace'` mean our sources in a folder, as if the package were installed there. */
function install(folder: string): void {
  const target = join(folder, 'node_modules', 'millrace');
  mkdirSync(target, { recursive: true });
  const exports = { '.': './index.mjs', './work': './work.mjs', './warm': './warm.mjs' };
  writeFileSync(join(target, 'package.json'), JSON.stringify({ name: 'millrace', type: 'module', exports }));
  for (const entry of ['index', 'work', 'warm']) {
    const source = pathToFileURL(join(root, `src/${entry}.ts`)).href;
    writeFileSync(join(target, `${entry}.mjs`), `export * from '${source}';\n`);
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
}

/** A folder of the test's own, in which the real command runs as a child process from its sources. */
export interface CliWorld extends Disposable {
  readonly folder: string;
  path(name: string): string;
  write(name: string, text: string): string;
  read(name: string): string;
  /** Copies a file of the project into the folder. */
  copy(file: string): string;
  start(args: readonly string[], env?: Readonly<Record<string, string>>): RunningCommand;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
}

export function cliWorld(): CliWorld {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-cli-')));
  const running = new Set<ChildProcess>();
  install(folder);
  const world: CliWorld = {
    folder,
    path: (name) => join(folder, name),
    write(name, text) {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    },
    read: (name) => readFileSync(join(folder, name), 'utf8'),
    copy: (file) => world.write(basename(file), readFileSync(join(root, file), 'utf8')),
    start(args, env = {}) {
      const child = spawn(process.execPath, ['--import', tsx, main, ...args], {
        cwd: folder,
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      running.add(child);
      child.once('exit', () => running.delete(child));
      return follow(child);
    },
    run: (args, env) => world.start(args, env).ended(),
    [Symbol.dispose]() {
      for (const child of running) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return world;
}

function follow(child: ChildProcess): RunningCommand {
  const texts = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
      for (const look of [...waiting]) look();
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...texts }));
  });
  let isOver = false;
  void ended.finally(() => {
    isOver = true;
  });
  return {
    process: child,
    ended: () => ended,
    async until(look) {
      // Between processes, files are the only signal that there is.
      while (!(await look())) {
        if (isOver) throw new Error(`The command ended too early:\n${(await ended).stderr}`);
        await delay(10);
      }
    },
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!texts.stderr.includes(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        void ended.then(({ stderr }) => reject(new Error(`The command ended without saying "${text}":\n${stderr}`)));
      }),
  };
}
