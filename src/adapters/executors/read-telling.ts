import type { ErrorInfo } from '../../model/errors.ts';
import type { LogLevel } from '../worker/wire.ts';
import { isErrorInfo } from './check-replies.ts';

/** What a worker told, as far as it makes sense. Replies are checked where they are taken. */
export type ReadTelling =
  | { readonly type: 'replies'; readonly replies: unknown }
  | { readonly type: 'log'; readonly level: LogLevel; readonly facts: object; readonly message: string }
  | { readonly type: 'retire'; readonly late?: ErrorInfo };

const levels: ReadonlySet<unknown> = new Set<LogLevel>(['debug', 'info', 'warn', 'error']);

/** Reads a worker's message; undefined when it is not one of ours. */
export function readTelling(message: unknown): ReadTelling | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { type, replies, level, facts, message: text, late } = message as Readonly<Record<string, unknown>>;
  switch (type) {
    case 'replies':
      return { type, replies };
    case 'log':
      if (!levels.has(level) || typeof text !== 'string') return undefined;
      return { type, level: level as LogLevel, facts: readFacts(facts), message: text };
    case 'retire':
      return isErrorInfo(late) ? { type, late } : { type };
    default:
      return undefined;
  }
}

function readFacts(facts: unknown): object {
  try {
    const read: unknown = JSON.parse(String(facts));
    return typeof read === 'object' && read !== null ? read : {};
  } catch {
    return { facts: 'not readable' };
  }
}
