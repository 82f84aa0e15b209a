import { parseArgs } from 'node:util';
import { type PlantedName, planted } from './planted.ts';
import { type VariantName, variants } from './variants.ts';

/** What the command line asks for. */
export interface SoakOptions {
  /** Rounds are run until so many hosts were killed, and so many asked to close. */
  readonly kills: number;
  readonly closes: number;
  readonly seed: number;
  /** Hosts on one store, 1 to 4; undefined: as each variant likes it. */
  readonly hosts: number | undefined;
  readonly executor: 'inline' | 'threads' | 'processes' | 'mixed';
  readonly variants: readonly VariantName[];
  readonly planted: PlantedName | undefined;
  /** A file that keeps what was done: a run with the same file goes on there. */
  readonly state: string | undefined;
  /** Ends after so many minutes, to be gone on with. */
  readonly minutes: number;
}

const executors = ['inline', 'threads', 'processes', 'mixed'] as const;

/** Reads the command line. @throws Error in words for whoever typed it. */
export function readOptions(args: readonly string[]): SoakOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: text,
      closes: text,
      seed: text,
      hosts: text,
      executor: text,
      variant: text,
      planted: text,
      state: text,
      minutes: text,
    },
  });
  return {
    kills: whole('kills', values.kills ?? (values.closes === undefined ? '50' : '0'), 0, 1_000_000),
    closes: whole('closes', values.closes ?? '0', 0, 1_000_000),
    seed: whole('seed', values.seed ?? '1', 0, 2 ** 31),
    hosts: values.hosts === undefined ? undefined : whole('hosts', values.hosts, 1, 4),
    executor: oneOf('executor', values.executor ?? 'threads', executors),
    variants: variantsOf(values.variant ?? 'all'),
    planted: values.planted === undefined ? undefined : oneOf('planted', values.planted, keysOf(planted)),
    state: values.state,
    minutes: whole('minutes', values.minutes ?? '100000', 1, 100_000),
  };
}

function variantsOf(given: string): readonly VariantName[] {
  const names = keysOf(variants);
  return given === 'all' ? names : given.split(',').map((name) => oneOf('variant', name, names));
}

function keysOf<Name extends string>(record: Readonly<Record<Name, unknown>>): readonly Name[] {
  return Object.keys(record) as Name[];
}

function oneOf<Name extends string>(option: string, given: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === given);
  if (found === undefined) throw new Error(`--${option} is one of ${names.join(', ')}, not ${given}`);
  return found;
}

function whole(option: string, given: string, least: number, most: number): number {
  const value = Number(given);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`--${option} is a whole number from ${least} to ${most}, not ${given}`);
}
