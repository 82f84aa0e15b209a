import type { ErrorInfo } from '../../model/errors.ts';
import type { SessionId } from '../../model/ids.ts';
import type { DuplicateTask } from '../../model/store.ts';

/** By this code a duplicate is told from what was cancelled. */
export const duplicateCode = 'DUPLICATE_TASK';

/** What a store records for a batch whose task another batch has. */
export function duplicateError({ sessionId, number }: DuplicateTask['of']): ErrorInfo {
  return Object.freeze({
    name: 'DuplicateTask',
    message: `The task was enqueued before: batch ${number} of session ${sessionId} has it.`,
    category: 'permanent',
    code: duplicateCode,
    details: Object.freeze({ sessionId, number }),
  });
}

/** The batch that has the task instead; undefined when the error is another one. */
export function originalOf(error: ErrorInfo | null | undefined): DuplicateTask['of'] | undefined {
  if (error?.code !== duplicateCode) return undefined;
  const { sessionId, number } = error.details ?? {};
  return { sessionId: String(sessionId) as SessionId, number: Number(number) };
}
