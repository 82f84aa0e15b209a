import type { Logger } from '../../model/logger.ts';

/** From which level on lines are written. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

/**
 * A logger that writes one line a message: time, level, message, then the facts as `name=value`.
 * `grep 'batch failed'` and `grep 'session=4f1c'` find what they say.
 */
export function createLineLogger(level: LogLevel, now: () => number, write: (line: string) => void): Logger {
  const from = levels.indexOf(level);
  const withFacts = (common: object): Logger => {
    const logger = (name: LogLevel) => (facts: object, message: string) => {
      if (levels.indexOf(name) < from) return;
      const pairs = Object.entries({ ...common, ...facts }).filter(([, value]) => value !== undefined);
      const words = pairs.map(([key, value]) => `${key}=${inOneWord(value)}`);
      write(`${[new Date(now()).toISOString(), name, message, ...words].join(' ')}\n`);
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

function inOneWord(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[\w@:./#-]+$/.test(text) ? text : JSON.stringify(text);
}
