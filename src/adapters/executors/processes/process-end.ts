import type { WorkerEnd } from '../name-death.ts';

/** How a child process ended, as the system tells it. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of its standard error. */
  readonly stderr: string;
  /** It could not be started, or it was ended by us for this reason. */
  readonly why?: string;
}

/** What V8 says before it aborts. */
const outOfMemory = /(?:JavaScript heap|process) out of memory|FATAL ERROR: .*Allocation failed/;
/** Node on Windows has no signals: an abort is this code. */
const abortCode = 134;

/** Says how a child died. The system's out-of-memory killer sends SIGKILL, as others may: that is `signal`. */
export function processEnd({ code, signal, stderr, why }: ChildEnd): WorkerEnd {
  if (why !== undefined) return { category: 'lost', message: why };
  const aborted = signal === 'SIGABRT' || signal === 'SIGTRAP' || signal === 'SIGILL' || code === abortCode;
  if (aborted && outOfMemory.test(stderr)) {
    return { category: 'oom', message: 'The worker ran out of memory (option workerMemoryMb).' };
  }
  const words = lastWords(stderr);
  if (signal) return { category: 'signal', message: `The worker was ended by ${signal}${hint(signal)}.${words}` };
  return { category: 'exit', message: `The worker left with exit code ${code}: the work called process.exit.${words}` };
}

function hint(signal: NodeJS.Signals): string {
  switch (signal) {
    case 'SIGSEGV':
    case 'SIGBUS':
    case 'SIGILL':
    case 'SIGFPE':
    case 'SIGABRT':
    case 'SIGTRAP':
      return ': native code crashed, or called abort';
    case 'SIGKILL':
      return ': by somebody else, or by the system because memory ran out';
    default:
      return '';
  }
}

const maxWords = 500;

function lastWords(stderr: string): string {
  const words = stderr.trim();
  if (words === '') return '';
  return ` Its last words: ${words.length > maxWords ? `…${words.slice(-maxWords)}` : words}`;
}
