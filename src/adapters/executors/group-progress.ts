import type { ErrorInfo } from '../../model/errors.ts';
import type { Death, Group, GroupReport, Reply, RunHooks, Task } from '../../model/executor.ts';
import type { Note, NoteReading } from '../worker/note.ts';
import { failedReply } from '../worker/run-task.ts';
import { checkReplies } from './check-replies.ts';
import { givenUp } from './given-up.ts';
import { nameDeath, type PassedAt, type WorkerEnd } from './name-death.ts';
import { readTelling } from './read-telling.ts';

/** What is known so far of a group at work, of whatever its worker sends. */
export interface GroupProgress {
  /** Takes in a worker's message. Answers whether it made sense; if not, it is logged and dropped. */
  hear(message: unknown): boolean;
  /** Takes in packed replies. The first sound answer of a batch counts. */
  take(packed: unknown): void;
  /** Hands new answers on at once. */
  give(): void;
  /** A limit was passed: the worker is being ended for it. */
  pass(passed: PassedAt): void;
  /** The worker said that it is not to be used again. */
  readonly retired: boolean;
  /** How the group ended. `end`: its worker died so; undefined: it lives, and ended the group. */
  report(note: Pick<Note, 'read'>, end: WorkerEnd | undefined): GroupReport;
}

/** Opens the books of one group in one worker. */
export function openGroupProgress(group: Group, hooks: RunHooks): GroupProgress {
  const open = new Map<unknown, Task>(group.tasks.map((task) => [task.number, task]));
  let replies: Reply[] = [];
  let retired = false;
  let late: ErrorInfo | undefined;
  let passedAt: PassedAt | undefined;

  const take = (packed: unknown): void => {
    if (packed === undefined) return;
    for (const reply of checkReplies(packed, open)) {
      if (open.delete(reply.number)) replies.push(reply);
    }
  };

  return {
    take,
    hear(message) {
      const telling = readTelling(message);
      switch (telling?.type) {
        case 'replies':
          take(telling.replies);
          break;
        case 'log':
          hooks.log[telling.level](telling.facts, telling.message);
          break;
        case 'retire':
          retired = true;
          if (telling.late) late = telling.late;
          break;
        case undefined:
          hooks.log.warn({}, 'a worker sent a message that makes no sense');
          break;
        default:
          telling satisfies never;
      }
      return telling !== undefined;
    },
    give() {
      if (replies.length > 0) hooks.onReplies(replies);
      replies = [];
    },
    pass(passed) {
      passedAt = passed;
    },
    get retired() {
      return retired;
    },
    report(note, end) {
      if (open.size === 0) {
        if (late) hooks.log.error({ error: late }, 'a failure that nothing awaited ended a worker');
        return { replies };
      }
      if (hooks.signal.aborted) return { replies, death: givenUp(hooks.signal.reason) };
      if (end) {
        const ending = { end, ...(late && { late }), ...(passedAt && { passed: passedAt }) };
        return { replies, death: nameDeath(ending, inHand(group, passedAt?.note ?? note.read(), open)) };
      }
      return { replies: [...replies, ...[...open.values()].map(unanswered)] };
    },
  };
}

/** The worker lives and has no sound answer for this batch: it, or code in it, made a mess of the message. */
function unanswered(task: Task): Reply {
  return failedReply(task, {
    name: 'NoAnswerError',
    message: 'The worker ended the group without a sound answer for this batch.',
    category: 'lost',
  });
}

/** What the worker had in hand, unless it was answered meanwhile. */
function inHand(group: Group, { task, place }: NoteReading, open: ReadonlyMap<unknown, Task>): Pick<Death, 'number' | 'place'> {
  const number = group.tasks[task]?.number;
  if (number === undefined || !open.has(number)) return {};
  return { number, ...(place >= 0 && { place }) };
}
