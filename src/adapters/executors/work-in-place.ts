import { errorInfo } from '../../model/error-info.ts';
import { MillraceError } from '../../model/errors.ts';
import type { Group, GroupReport } from '../../model/executor.ts';
import { failedReply } from '../worker/run-task.ts';

/** Functions of the host can be run nowhere else. */
export function inPlaceError(executor: 'threads' | 'processes'): MillraceError {
  return new MillraceError(
    'WORK_MODULE',
    `Work in place can't run in ${executor}: functions of the host don't leave it. Put the work into a module (workModule), or use executor 'inline'.`,
  );
}

/** The answer of an executor that was given work in place. */
export function refuseInPlace({ tasks }: Group, executor: 'threads' | 'processes'): GroupReport {
  const error = errorInfo(inPlaceError(executor), 'module');
  return { replies: tasks.map((task) => failedReply(task, error)) };
}
