#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { systemClock } from '../model/clock.ts';
import { errorInfo } from '../model/error-info.ts';
import type { AnyCommand } from './arguments/command.ts';
import { commandHelp, toolHelp } from './arguments/help-text.ts';
import { parseArguments } from './arguments/parse-arguments.ts';
import { UsageError } from './arguments/usage-error.ts';
import { type ExitCode, exitCodeOfError, exitCodes } from './exit-code.ts';
import type { LogLevel } from './terminal/log-lines.ts';
import { createTerminal, type Terminal } from './terminal/terminal.ts';
import { withCode } from './terminal/words.ts';

interface Entry {
  readonly summary: string;
  load(): Promise<{ readonly command: AnyCommand }>;
}

/** Loaded when called: the engine takes longer to load than `--help` should take. */
const commands: Readonly<Record<string, Entry>> = {
  tracks: { summary: 'make tracks of GPS histories', load: () => import('./commands/tracks.ts') },
  annotations: {
    summary: 'check annotated texts and align them with their documents',
    load: () => import('./commands/annotations.ts'),
  },
  documents: { summary: 'read PDF files to sentences and tokens', load: () => import('./commands/documents.ts') },
  warm: { summary: 'warm a cache with what loaders or queries give', load: () => import('./commands/warm.ts') },
  'warm schedule': { summary: 'warm a cache at the times of a cron pattern', load: () => import('./commands/warm-schedule.ts') },
  'warm clear': { summary: 'delete the values of a cache', load: () => import('./commands/warm-clear.ts') },
  poll: { summary: 'poll a source of logs, and read each once', load: () => import('./commands/poll.ts') },
  'demo tracks': { summary: 'write an invented GPS history', load: () => import('./commands/demo-tracks.ts') },
  run: { summary: 'run a job of your own', load: () => import('./commands/run.ts') },
  sessions: { summary: 'list the sessions of a store', load: () => import('./commands/sessions.ts') },
  schedules: { summary: 'list schedules and their newest ticks', load: () => import('./commands/schedules.ts') },
  show: { summary: 'show one session and what failed in it', load: () => import('./commands/show.ts') },
  resume: { summary: 'go on with what was interrupted', load: () => import('./commands/resume.ts') },
  queue: { summary: 'ask what runs, is stuck, crashed, failed or was slow', load: () => import('./commands/queue.ts') },
  'dead-letters': { summary: 'list, replay or delete what was given up', load: () => import('./commands/dead-letters.ts') },
  health: { summary: 'tell how the last hour went, with a verdict', load: () => import('./commands/health.ts') },
  prune: { summary: 'delete ended sessions', load: () => import('./commands/prune.ts') },
  shadow: {
    summary: 'compare two stores of a pair, and change over from one to the other',
    load: () => import('./commands/shadow.ts'),
  },
  doctor: { summary: 'check what this machine has and lacks', load: () => import('./commands/doctor.ts') },
};

function terminalOf(options: Readonly<Record<string, unknown>>): Terminal {
  const { stdout, stderr, env } = process;
  return createTerminal({
    stdout,
    stderr,
    clock: systemClock,
    env,
    json: options.json === true,
    quiet: options.quiet === true,
    ...(options['log-level'] !== undefined && { logLevel: options['log-level'] as LogLevel }),
  });
}

async function main(args: readonly string[]): Promise<ExitCode> {
  // What goes wrong before the options are read is told in the form that they seem to ask for.
  let terminal = terminalOf({ json: args.includes('--json') });
  try {
    const [first] = args;
    if (first === '--version' || first === '-v') return print(`${version()}\n`);
    const asksHelp = first === '--help' || first === '-h' || first === 'help';
    if (asksHelp && args.length === 1) return print(toolHelp(commands));
    const { command, rest } = await choose(asksHelp ? [...args.slice(1), '--help'] : args);
    const { operands, options } = parseArguments(command, rest);
    if (options.help === true) return print(commandHelp(command));
    terminal = terminalOf(options);
    return await command.run({ operands, options, terminal });
  } catch (error) {
    const { code, message } = errorInfo(error);
    if (terminal.json) terminal.answer({ error: { code: code ?? 'USAGE', message } }, () => '');
    terminal.complain(`millrace: ${withCode(code, message)}`);
    if (!code && !(error instanceof UsageError) && error instanceof Error && error.stack) terminal.complain(error.stack);
    return exitCodeOfError(error);
  }
}

async function choose(args: readonly string[]): Promise<{ command: AnyCommand; rest: readonly string[] }> {
  for (const words of [2, 1]) {
    const name = args.slice(0, words).join(' ');
    // Own names only: `constructor` is no command.
    const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (entry) return { command: (await entry.load()).command, rest: args.slice(words) };
  }
  // A group of commands, such as `demo --help`, when it has one.
  const [only, ...others] = Object.entries(commands).filter(([name]) => name.startsWith(`${args[0]} `));
  const asked = args.slice(1).some((word) => word === '--help' || word === '-h');
  if (only && others.length === 0 && asked) return { command: (await only[1].load()).command, rest: ['--help'] };
  const known = Object.keys(commands).join(', ');
  throw new UsageError(
    args[0] === undefined
      ? `A command is needed: ${known}. See millrace --help.`
      : `There is no command ${args[0]}; there are ${known}.`,
  );
}

function print(text: string): ExitCode {
  process.stdout.write(text);
  return exitCodes.complete;
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Nobody reads what is said any more: the terminal was closed, and SIGHUP is on its way. What runs may end in order all the same. */
process.stderr.on('error', () => undefined);

/** A reader that has seen enough, such as `head`, is no error; nor is a terminal that is gone (EIO): as above. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EIO') return;
  if (error.code !== 'EPIPE') throw error;
  process.exit(process.exitCode ?? exitCodes.complete);
});

const code = await main(process.argv.slice(2));
process.exitCode = code;
// A job module may keep handles of its own open; what was written goes out first.
process.stdout.write('', () => process.exit(code));
