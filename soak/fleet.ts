import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { type Note, openHistory } from './history.ts';
import type { HostOrder } from './plan.ts';

/** A host process that the driver has started. */
export interface HostProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  isAlive(): boolean;
  /** Notes the signal in the history, then sends it. Answers false when the process has ended already. */
  send(signal: NodeJS.Signals): boolean;
  wasAskedToClose(): boolean;
  /** Notes something about it. */
  readonly note: Note;
  /** Says something on its standard input. */
  say(text: string): void;
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What a fleet's hosts have in common. */
export interface FleetOptions {
  /** The program of a host. */
  readonly program: string;
  readonly folder: string;
  readonly history: string;
}

/** Starts host processes, and ends those that are left. */
export interface Fleet {
  launch(order: HostOrder, env?: Readonly<Record<string, string>>): HostProcess;
  /** Kills what still runs: for a driver that is stopped itself. */
  killAll(): void;
}

export function createFleet({ program, folder, history }: FleetOptions): Fleet {
  const running = new Set<HostProcess>();
  const log = createWriteStream(join(folder, 'hosts.log'), { flags: 'a' });
  return {
    launch(order, env = {}) {
      const child = spawn(process.execPath, ['--enable-source-maps', program, JSON.stringify(order)], {
        stdio: ['pipe', 'ignore', 'pipe'],
        env: { ...withoutOurs(process.env), TMPDIR: join(folder, 'temp'), ...env },
      });
      const host = hostOf(child, history, log);
      running.add(host);
      void host.exited.then(() => running.delete(host));
      return host;
    },
    killAll() {
      for (const host of running) host.send('SIGKILL');
      log.end();
    },
  };
}

function hostOf(child: ChildProcess, history: string, log: WriteStream): HostProcess {
  const pid = child.pid ?? -1;
  const note = openHistory(history, pid, pid);
  child.stderr?.on('data', (chunk: Buffer) => log.write(`${pid}: ${chunk.toString()}`));
  // A host that was killed does not listen any more.
  child.stdin?.on('error', () => undefined);
  const exited = new Promise<Exit>((resolve) => {
    child.on('error', (error) => note({ type: 'trouble', message: `could not be started: ${error.message}` }));
    child.on('exit', (code, signal) => {
      note({ type: 'exited', code, signal });
      resolve({ code, signal });
    });
  });
  const isAlive = (): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  let askedToClose = false;
  return {
    pid,
    exited,
    isAlive,
    wasAskedToClose: () => askedToClose,
    note,
    send(signal) {
      if (!isAlive()) return false;
      askedToClose ||= signal === 'SIGTERM';
      note({ type: 'signal', signal });
      return child.kill(signal);
    },
    say: (text) => void child.stdin?.write(text),
  };
}

/** Without what would override the executor and the workers that the soak asks for. */
function withoutOurs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('MILLRACE_')));
}
