import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type FileNoteReader, openFileNoteReader } from '../../worker/file-note.ts';
import { createFrameReader, encodeFrame } from '../../worker/frames.ts';
import { prepareMs } from '../../worker/limits.ts';
import { type ChildRequest, childFiles } from '../../worker/process-wire.ts';
import { openNamelessFile } from './nameless-file.ts';
import type { ChildEnd } from './process-end.ts';
import { passStderrOn, type StderrTail } from './stderr-tail.ts';

/** How a child is started. */
export interface ChildCommand {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** What a child told; undefined for a message that could not be read. */
export type OnTold = (ticket: string, telling: unknown) => void;

/** One child process of this host, at work or waiting. */
export interface Child {
  readonly pid: number | undefined;
  readonly note: FileNoteReader;
  /** Resolves once it is gone, and all that it told was heard. */
  readonly ended: Promise<ChildEnd>;
  /** Resolves when it can be given work; or when it ended before. */
  readonly ready: Promise<void>;
  readonly isGone: boolean;
  /** @throws what can't be cloned. */
  ask(request: ChildRequest): void;
  /** Who hears what it tells. One at a time. */
  hear(listener: OnTold | undefined): void;
  /** Ends it, whatever it does. `why`: it is our judgement, not its own end. */
  kill(why?: string): void;
  /** Whether it keeps the host's loop alive. */
  hold(held: boolean): void;
}

/**
 * Starts a child.
 *
 * @throws Error when the system has no room for another process, file or pipe.
 */
export async function startChild({ args, env }: ChildCommand): Promise<Child> {
  const note = openNamelessFile();
  try {
    const child = spawn(process.execPath, args, {
      env,
      // Its output is no result of this host's: it goes where the host's own words go.
      stdio: ['ignore', 2, 'pipe', 'pipe', 'pipe', 'pipe', note],
      windowsHide: true,
    });
    await once(child, 'spawn');
    return follow(child, openFileNoteReader(note));
  } catch (thrown) {
    closeSync(note);
    throw thrown;
  }
}

function follow(child: ChildProcess, note: FileNoteReader): Child {
  const pipes = pipesOf(child);
  const tail = passStderrOn(pipes.stderr);
  let why: string | undefined;
  let isGone = false;
  let listener: OnTold | undefined;
  const kill = (reason?: string): void => {
    why ??= reason;
    child.kill('SIGKILL');
  };
  const ended = endOf(child, pipes, tail).then((end): ChildEnd => {
    isGone = true;
    note.close();
    return why === undefined ? end : { ...end, why };
  });
  const ready = new Promise<void>((resolve) => {
    const take = (message: unknown): void => {
      const [ticket, telling]: readonly unknown[] = Array.isArray(message) ? message : [];
      if (ticket === '' && isReady(telling)) resolve();
      else listener?.(String(ticket), telling);
    };
    const onBroken = (): void => kill('The worker wrote to its pipe what is no message of ours; it was ended.');
    pipes.tellings.on('data', createFrameReader({ onValue: take, onGarbled: () => take(undefined), onBroken }));
    void ended.then(() => resolve());
  });
  const tooLate = setTimeout(() => kill(`The worker did not start within ${prepareMs / 1_000} s; it was ended.`), prepareMs);
  tooLate.unref();
  void ready.then(() => clearTimeout(tooLate));
  return {
    pid: child.pid,
    note,
    ended,
    ready,
    get isGone() {
      return isGone;
    },
    ask(request) {
      for (const part of encodeFrame(request)) pipes.requests.write(part);
    },
    hear(next) {
      listener = next;
    },
    kill,
    hold(held) {
      const act = held ? 'ref' : 'unref';
      child[act]();
      for (const pipe of Object.values(pipes)) pipe[act]();
    },
  };
}

/** How long the words of a dead child may be on their way, when another process still has its standard error. */
const lastWordsMs = 50;

async function endOf(child: ChildProcess, { tellings, stderr }: Pipes, tail: StderrTail): Promise<ChildEnd> {
  const told = tellings.closed ? undefined : once(tellings, 'close');
  const [code, signal] = (await once(child, 'exit')) as [ChildEnd['code'], ChildEnd['signal']];
  await told;
  if (!stderr.closed) await Promise.race([once(stderr, 'close'), pause(lastWordsMs)]);
  return { code, signal, stderr: tail.text() };
}

interface Pipes {
  readonly stderr: Socket;
  readonly requests: Socket;
  readonly tellings: Socket;
  readonly hostAlive: Socket;
}

function pipesOf(child: ChildProcess): Pipes {
  // Node makes a socket of each pipe, which its types do not say.
  const at = (number: number): Socket => child.stdio[number] as unknown as Socket;
  const pipes = {
    stderr: at(2),
    requests: at(childFiles.requests),
    tellings: at(childFiles.tellings),
    hostAlive: at(childFiles.hostAlive),
  };
  // Its end is told by 'exit'; a pipe that breaks before that says nothing more.
  for (const pipe of Object.values(pipes)) pipe.on('error', () => undefined);
  return pipes;
}

function isReady(telling: unknown): boolean {
  return (telling as { type?: unknown } | null | undefined)?.type === 'ready';
}
