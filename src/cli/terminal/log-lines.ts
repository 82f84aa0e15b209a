import type { Logger } from '../../model/logger.ts';
import { oneLine } from './printable.ts';

/** From which level on lines are written. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

/**
 * A logger that writes one line a message: time, level, message, then the facts as `name=value`.
 * `grep 'batch failed'` and `grep 'session=4f1c'` find what they say. An error that is said again in the same words
 * is written the 1st, 10th, 100th, ... time, with `times`.
 */
export function createLineLogger(level: LogLevel, now: () => number, write: (line: string) => void): Logger {
  const from = levels.indexOf(level);
  const said = new Map<string, number>();
  const timesSaid = (line: string): number => {
    const times = (said.get(line) ?? 0) + 1;
    said.set(line, times);
    return times;
  };
  const withFacts = (common: object): Logger => {
    const logger = (name: LogLevel) => (facts: object, message: string) => {
      if (levels.indexOf(name) < from) return;
      const { retryInMs, ...rest } = { ...common, ...facts } as Readonly<Record<string, unknown>>;
      const times = name === 'error' ? timesSaid(JSON.stringify([message, rest])) : 1;
      if (!isPowerOfTen(times)) return;
      const pairs = Object.entries({ ...rest, retryInMs, times: times > 1 ? times : undefined }).filter(
        ([, value]) => value !== undefined,
      );
      const words = pairs.map(([key, value]) => `${key}=${inOneWord(value)}`);
      write(`${[new Date(now()).toISOString(), name, oneLine(message), ...words].join(' ')}\n`);
    };
    return {
      debug: logger('debug'),
      info: logger('info'),
      warn: logger('warn'),
      error: logger('error'),
      child: (facts) => withFacts({ ...common, ...facts }),
    };
  };
  return withFacts({});
}

function isPowerOfTen(value: number): boolean {
  return Number.isInteger(Math.log10(value));
}

function inOneWord(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[\w@:./#-]+$/.test(text) ? text : JSON.stringify(text);
}
