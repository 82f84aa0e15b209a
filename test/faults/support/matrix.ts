import type { Category } from '../../../src/model/errors.ts';
import type { Policies } from '../../../src/model/job.ts';
import { late, leaked, loud } from '../../fixtures/acts-disturb.ts';
import { returned } from '../../fixtures/acts-return.ts';
import { endless, filling, killing } from '../../fixtures/acts-stop.ts';
import { thrown } from '../../fixtures/acts-throw.ts';

/** How an item ends that does something: as a dead letter of this category, or with this output. */
export type Ending = { readonly dead: Category; readonly message: RegExp } | { readonly output: unknown };

/** One fault, and how it ends in each executor. `'host dies'`: at first; on the next host the batch runs in a process. */
export interface Row {
  readonly act: string;
  readonly threads: Ending | 'host dies';
  readonly processes: Ending;
  readonly policies?: Policies;
  /** In a host of its own, also where that survives. */
  readonly apart?: true;
}

const dead = (category: Category, message: RegExp): Ending => ({ dead: category, message });
const both = (ending: Ending): Pick<Row, 'threads' | 'processes'> => ({ threads: ending, processes: ending });
const namesOf = <Name extends string>(acts: Readonly<Record<Name, unknown>>): Name[] => Object.keys(acts) as Name[];

const thrownMessages: Readonly<Record<keyof typeof thrown, RegExp>> = {
  'throw an Error': /^plain$/,
  'throw a message of 10 MiB': /^x{1000}/,
  'throw null': /^Thrown: null$/,
  'throw undefined': /^Thrown: undefined$/,
  'throw a text': /^Thrown: 'a text'$/,
  'throw a number': /^Thrown: 7$/,
  'throw a frozen object': /^Thrown: \{ frozen: true \}$/,
  'throw a symbol': /^Thrown: Symbol\(sign\)$/,
  'throw a function': /^Thrown: \[Function/,
  'throw a proxy that refuses all': /^Thrown: /,
  'throw an Error that causes itself': /^circular$/,
};

const deaths: Readonly<Record<keyof typeof killing, Ending>> = {
  'send itself SIGSEGV': dead('signal', /SIGSEGV: native code crashed/),
  'send itself SIGKILL': dead('signal', /SIGKILL: by somebody else, or by the system/),
  // A signal to a whole group of processes is for the host: children wait for what it decides.
  'send itself SIGTERM': { output: 'survived' },
  'break in native code': dead('signal', /SIG(TRAP|ILL)/),
  'allocate all at once': dead('oom', /option workerMemoryMb/),
};

const outputs: Readonly<Record<keyof typeof leaked, unknown>> = {
  'leak timers': 'leaked',
  'leak a server': 'leaked',
  'leak open files': 'leaked',
  'leak a child process': 'leaked',
  'hold 1 GiB outside of the heap': 2 ** 30,
  'return 100 MB': '100000000 bytes',
};

const lateMessages: Readonly<Record<keyof typeof late, RegExp>> = {
  'reject late': /nothing awaited ended the worker: nobody awaits this/,
  'throw late': /nothing awaited ended the worker: nobody catches this/,
  "emit 'error' late": /nothing awaited ended the worker: nobody listens/,
};

/** Every fault of a worker that was measured, and what it must come to. */
export const matrix: readonly Row[] = [
  ...namesOf(thrown).map((act) => ({ act, ...both(dead('error', thrownMessages[act])) })),
  ...namesOf(returned).map((act) => ({
    act,
    ...both(/proxy/.test(act) ? dead('error', /^a trap$/) : dead('unserializable', /can't be stored: it /)),
  })),
  ...namesOf(endless).map((act) => ({ act, ...both(dead('timeout', /option itemTimeout/)), policies: { itemTimeout: 300 } })),
  { act: 'hang in a promise', ...both(dead('stalled', /option stall/)), policies: { stall: 300 } },
  { act: 'spin in a loop', ...both(dead('timeout', /option timeout/)), policies: { timeout: 300 } },
  { act: 'exit with 0', ...both(dead('exit', /exit code 0/)) },
  { act: 'exit with 3', ...both(dead('exit', /exit code 3/)) },
  { act: 'call abort', threads: dead('error', /not supported in workers/), processes: dead('signal', /SIGABRT/) },
  ...namesOf(killing).map((act) => ({ act, threads: 'host dies' as const, processes: deaths[act] })),
  ...namesOf(filling).map((act) => ({ act, ...both(dead('oom', /option workerMemoryMb/)) })),
  ...namesOf(late).map((act) => ({ act, ...both(dead('exit', lateMessages[act])) })),
  { act: 'post garbage', ...both({ output: 'posted' }) },
  { act: 'post 200,000 messages', threads: { output: 'posted' }, processes: dead('lost', /1000 messages that make no sense/) },
  { act: 'patch postMessage', threads: dead('error', /read only property/), processes: { output: 'patched' } },
  { act: 'patch setImmediate', ...both({ output: 'patched' }) },
  ...namesOf(leaked).map((act) => ({ act, ...both({ output: outputs[act] }) })),
  ...namesOf(loud).map((act) => ({ act, ...both({ output: 'printed' }), apart: true as const })),
];

/** A row's name: an act may be tried under several limits. */
export function titleOf({ act, policies }: Row): string {
  return policies ? `${act}, under ${Object.keys(policies)}` : act;
}
