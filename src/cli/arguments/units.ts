import { type Duration, durationMs } from '../../model/duration.ts';
import type { ExecutorName } from '../../model/job.ts';
import { type Option, oneOf, refuse, wholeNumber } from './options.ts';

const longest = 36_500 * 86_400_000;

/** A length of time with its unit, in milliseconds: `30m`, `1.5h`. */
export function duration(min: Duration, help: string): Option<number> {
  const expected = `a number with its unit (ms, s, m, h, d) from ${min} to 36500d, such as 30m`;
  return {
    placeholder: 'DURATION',
    help,
    read(value, name) {
      const ms = isDuration(value) ? durationMs(value, name) : Number.NaN;
      return ms >= durationMs(min, name) && ms <= longest ? ms : refuse(name, value, expected);
    },
  };
}

/** The same, or one word that stands for something else. */
export function durationOr<const Word extends string>(word: Word, min: Duration, help: string): Option<number | Word> {
  const plain = duration(min, help);
  return {
    placeholder: `DURATION|${word}`,
    help,
    read: (value, name) => (value === word ? word : plain.read(value, name)),
  };
}

/** A way in metres, or `off`: `500m`, `0.5km`, `500`. */
export function metresOrOff(help: string): Option<number | 'off'> {
  return {
    placeholder: 'METRES|off',
    help,
    read: (value, name) => (value === 'off' ? 'off' : readMetres(value, name, ', or off')),
  };
}

/** A way in metres: `50m`, `0.05km`, `50`. */
export function metres(help: string): Option<number> {
  return { placeholder: 'METRES', help, read: (value, name) => readMetres(value, name) };
}

function readMetres(value: string, name: string, otherwise = ''): number {
  const match = /^(\d+(?:\.\d+)?)(m|km)?$/.exec(value);
  const way = match ? Number(match[1]) * (match[2] === 'km' ? 1_000 : 1) : Number.NaN;
  return way > 0 ? way : refuse(name, value, `a way above 0, such as 500m or 0.5km${otherwise}`);
}

/** How many worker threads. */
export const workers: Option<number | 'auto'> = {
  placeholder: 'N|auto',
  help: 'Workers (default auto: one a core, as far as memory allows)',
  read: (value, name) => (value === 'auto' ? 'auto' : wholeNumber('N', 1, 1_024, '').read(value, name)),
};

/** Where batches run. */
export const executor: Option<ExecutorName> = oneOf(
  ['threads', 'processes', 'inline'],
  'Where batches run: worker threads, processes, or the command itself (default threads)',
);

function isDuration(value: string): value is Exclude<Duration, number> {
  return /^\d+(?:\.\d+)?(?:ms|s|m|h|d)$/.test(value);
}
