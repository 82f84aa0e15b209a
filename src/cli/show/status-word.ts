import type { SessionView } from '../../engine/api/session.ts';
import { leftInOrder } from '../../engine/live/view.ts';

/** A session's status in a word. One that its host let go of in order did not crash, though nobody runs it either. */
export function statusWord({ status, waitingFor }: Pick<SessionView, 'status' | 'waitingFor'>): string {
  return status === 'crashed' && waitingFor === leftInOrder ? 'left' : status;
}
