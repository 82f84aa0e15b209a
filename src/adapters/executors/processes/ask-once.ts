import { randomBytes } from 'node:crypto';
import type { ErrorInfo } from '../../../model/errors.ts';
import type { WorkShape } from '../../../model/executor.ts';
import type { WorkSource } from '../../../model/work.ts';
import { isErrorInfo } from '../check-replies.ts';
import type { Child } from './child.ts';

/** What a child may be asked that has one answer. */
export type Question = { readonly type: 'load'; readonly source: WorkSource } | { readonly type: 'teardown' };

/** An answer that makes sense. */
export type Answer =
  | { readonly type: 'loaded'; readonly shape: WorkShape }
  | { readonly type: 'refused'; readonly error: ErrorInfo }
  | { readonly type: 'torn-down'; readonly errors: readonly ErrorInfo[] };

/** A text that nobody guesses: answers must carry it. */
export function newTicket(): string {
  return randomBytes(12).toString('base64url');
}

/** Asks a child that has no group. Undefined when no answer came within `ms`, or it died. */
export async function askOnce(child: Child, question: Question, ms: number): Promise<Answer | undefined> {
  const ticket = newTicket();
  let timer: NodeJS.Timeout | undefined;
  const answer = new Promise<Answer | undefined>((resolve) => {
    child.hear((told, telling) => {
      const read = told === ticket ? readAnswer(telling) : undefined;
      if (read) resolve(read);
    });
    timer = setTimeout(() => resolve(undefined), ms);
    void child.ended.then(() => resolve(undefined));
    void child.ready.then(() => child.ask({ ...question, ticket }));
  });
  try {
    return await answer;
  } finally {
    clearTimeout(timer);
    child.hear(undefined);
  }
}

function readAnswer(telling: unknown): Answer | undefined {
  const { type, shape, error, errors } = Object(telling) as Readonly<Record<string, unknown>>;
  if (type === 'torn-down') return { type, errors: Array.isArray(errors) ? errors.filter(isErrorInfo) : [] };
  if (type !== 'loaded') return undefined;
  if (isErrorInfo(error)) return { type: 'refused', error };
  const { kind, reads } = Object(shape) as Readonly<Record<string, unknown>>;
  return (kind === 'each' || kind === 'chunk') && typeof reads === 'boolean' ? { type, shape: { kind, reads } } : undefined;
}
