import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import type { ErrorInfo } from '../../model/errors.ts';
import type { Death, Group, GroupReport, Reply, RunHooks, Task } from '../../model/executor.ts';
import { type Note, type NoteReading, openNote } from '../worker/note.ts';
import { failedReply } from '../worker/run-task.ts';
import { type GiveUp, packGroup, type Request } from '../worker/wire.ts';
import { checkReplies } from './check-replies.ts';
import { givenUp } from './given-up.ts';
import { nameDeath, type PassedAt } from './name-death.ts';
import { readTelling } from './read-telling.ts';
import { watchLimits } from './watch-limits.ts';

/** How long work may take to follow its signal, once its group was given up, before its thread is ended. */
const graceMs = 250;

/** How a dispatch ended. `unstarted`: the worker died before it began with the group, so it was none of the group's doing. */
export type Dispatched =
  | { readonly type: 'ended'; readonly report: GroupReport }
  | { readonly type: 'unstarted'; readonly thrown: unknown };

/** What is known so far of a group at work. */
interface Progress {
  readonly open: Map<unknown, Task>;
  replies: Reply[];
  retired: boolean;
  late?: ErrorInfo;
  passed?: PassedAt;
}

/** Runs one group in one worker of the pool, and answers for every way of ending. */
export async function dispatchGroup(pool: Piscina, group: Group, hooks: RunHooks): Promise<Dispatched> {
  const note = openNote();
  const { port1: port, port2 } = new MessageChannel();
  const progress: Progress = { open: new Map(group.tasks.map((task) => [task.number, task])), replies: [], retired: false };
  const kill = new AbortController();

  const give = (): void => {
    if (progress.replies.length > 0) hooks.onReplies(progress.replies);
    progress.replies = [];
  };
  port.on('message', (message: unknown) => {
    hear(message, progress, hooks);
    give();
    if (progress.retired) kill.abort();
  });
  port.unref();
  const stopWatching = watchLimits(note, group.limits, (passed, reading) => {
    progress.passed = { ...passed, note: reading };
    kill.abort();
  });
  const stopListening = onGivenUp(hooks.signal, port, kill);
  // A thread that can't even start tells only the pool: its group would wait for ever.
  const onPoolError = (thrown: unknown): void => {
    if (!note.read().started) kill.abort(thrown);
  };
  pool.on('error', onPoolError);

  try {
    const request: Request = { type: 'run', group: packGroup(group), note: note.memory, port: port2 };
    const answer = await settled(() => pool.run(request, { transferList: [port2], signal: kill.signal }));
    drain(port, progress, hooks);
    if (answer.type === 'answered') take(answer.value, progress);
    else if (!progress.retired && !note.read().started && !hooks.signal.aborted) {
      return { type: 'unstarted', thrown: kill.signal.reason ?? answer.thrown };
    }
    return { type: 'ended', report: report(group, note, progress, hooks, answer) };
  } finally {
    stopWatching();
    stopListening();
    pool.off('error', onPoolError);
    port.close();
  }
}

type Answer = { readonly type: 'answered'; readonly value: unknown } | { readonly type: 'died'; readonly thrown: unknown };

/** A pool throws at once when it can't even make a thread. */
async function settled(run: () => Promise<unknown>): Promise<Answer> {
  try {
    return { type: 'answered', value: await run() };
  } catch (thrown) {
    return { type: 'died', thrown };
  }
}

/** First a word to the work, so that it can end in order; then an end to its thread. */
function onGivenUp(signal: AbortSignal, port: MessagePort, kill: AbortController): () => void {
  let timer: NodeJS.Timeout | undefined;
  const giveUp = (): void => {
    const reason: unknown = signal.reason;
    port.postMessage({ type: 'give-up', reason: reason instanceof Error ? reason.message : String(reason) } satisfies GiveUp);
    timer = setTimeout(() => kill.abort(), graceMs);
  };
  if (signal.aborted) kill.abort();
  else signal.addEventListener('abort', giveUp, { once: true });
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  };
}

/** What a worker posted before it died is still there. */
function drain(port: MessagePort, progress: Progress, hooks: RunHooks): void {
  for (let entry = receiveMessageOnPort(port); entry; entry = receiveMessageOnPort(port)) hear(entry.message, progress, hooks);
}

function hear(message: unknown, progress: Progress, hooks: RunHooks): void {
  const telling = readTelling(message);
  switch (telling?.type) {
    case 'replies':
      take(telling.replies, progress);
      break;
    case 'log':
      hooks.log[telling.level](telling.facts, telling.message);
      break;
    case 'retire':
      progress.retired = true;
      if (telling.late) progress.late = telling.late;
      break;
    case undefined:
      hooks.log.warn({}, 'a worker sent a message that makes no sense');
      break;
    default:
      telling satisfies never;
  }
}

function take(packed: unknown, progress: Progress): void {
  if (packed === undefined) return;
  const { open } = progress;
  for (const reply of checkReplies(packed, open)) {
    // The first answer of a batch counts.
    if (open.delete(reply.number)) progress.replies.push(reply);
  }
}

function report(group: Group, note: Note, progress: Progress, hooks: RunHooks, answer: Answer): GroupReport {
  const { open, replies, late, passed } = progress;
  if (open.size === 0) {
    if (late) hooks.log.error({ error: late }, 'a failure that nothing awaited ended a worker');
    return { replies };
  }
  if (hooks.signal.aborted) return { replies, death: givenUp(hooks.signal.reason) };
  if (answer.type === 'died') {
    const ending = { thrown: answer.thrown, ...(late && { late }), ...(passed && { passed }) };
    return { replies, death: nameDeath(ending, inHand(group, passed?.note ?? note.read(), open)) };
  }
  return { replies: [...replies, ...[...open.values()].map(unanswered)] };
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
