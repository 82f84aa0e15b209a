import { errorInfo } from '../../model/error-info.ts';
import type { GroupPort } from './group-port.ts';
import { onLateFailure } from './late-failures.ts';
import type { Unsettled } from './run-group.ts';

/** The group at work in a worker: there is never a second one. */
export interface GroupAtWork {
  readonly port: GroupPort;
  readonly unsettled: Unsettled;
}

/** Tells the host of the group at work when the worker is about to end. */
export function tellLastWords(atWork: () => GroupAtWork | undefined): void {
  // A late failure ends this worker. The group it came from is told of it; its host then puts the worker away.
  onLateFailure((thrown) => {
    const group = atWork();
    if (!group) return false;
    group.unsettled.replies = [];
    group.port.flush();
    group.port.retire(errorInfo(thrown));
    return true;
  });
  // The work called process.exit: what is done must not be lost with it.
  process.on('exit', () => {
    const group = atWork();
    if (!group) return;
    group.port.add(group.unsettled.replies, false);
    group.port.flush();
  });
}
