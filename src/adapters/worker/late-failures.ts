import { errorInfo } from '../../model/error-info.ts';

/**
 * Hears of failures that nobody awaited: rejections without a handler, exceptions from timers and events.
 *
 * @param take - Attributes the failure to the group at work. Answers false when there is none; the worker then dies of it,
 *   as Node would have it.
 */
export function onLateFailure(take: (thrown: unknown) => boolean): void {
  const hear = (thrown: unknown): void => {
    if (take(thrown)) return;
    process.off('uncaughtException', hear);
    process.off('unhandledRejection', hear);
    // Thrown as text: an error that can't be cloned would reach the host as nothing at all.
    const { message, stack = message } = errorInfo(thrown);
    setImmediate(() => {
      throw new Error(`A worker failed while it had nothing to do: ${stack}`);
    });
  };
  process.on('uncaughtException', hear);
  process.on('unhandledRejection', hear);
}
