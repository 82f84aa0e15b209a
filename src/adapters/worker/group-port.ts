import { cut } from '../../model/cut-text.ts';
import { messageOf } from '../../model/error-info.ts';
import type { ErrorInfo } from '../../model/errors.ts';
import type { Reply } from '../../model/executor.ts';
import type { WorkLog } from './site.ts';
import { type LogLevel, packReplies, type Telling } from './wire.ts';

/** Answers wait this long for company: longer than a usual group runs (8 ms), so that most wake their host once. */
const flushEveryMs = 12;
const maxFactsLength = 16 * 1024;
const maxMessageLength = 8 * 1024;

/** What a worker tells its host while one group runs. */
export interface GroupPort {
  readonly log: WorkLog;
  /**
   * Takes settled answers; tells them when the last telling is some milliseconds old. The last ones of a group wait for `take`:
   * to wake the host twice for one group costs both sides some tenths of a millisecond.
   */
  add(replies: readonly Reply[], last: boolean): void;
  tell(telling: Telling, transfer?: ArrayBuffer[]): void;
  /** Gives back the answers that were not told yet. */
  take(): readonly Reply[];
  /** Tells what is there, at once: the worker is about to leave. */
  flush(): void;
  /** Says that this worker is not to be used again. The last word: nothing is told after it. */
  retire(late?: ErrorInfo): void;
  readonly retired: boolean;
  close(): void;
}

/** What takes a worker's tellings to its host: a port between threads, or a pipe between processes. */
export interface Outlet {
  postMessage(telling: Telling, transfer: ArrayBuffer[]): void;
  close(): void;
}

/** Opens the worker's side of a group's channel. */
export function openGroupPort(port: Outlet): GroupPort {
  let untold: Reply[] = [];
  let toldAt = performance.now();
  let timer: NodeJS.Timeout | undefined;

  let retired = false;

  const tell = (telling: Telling, transfer: ArrayBuffer[] = []): void => {
    if (!retired) port.postMessage(telling, transfer);
  };
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (untold.length === 0) return;
    const { packed, transfer } = packReplies(untold);
    untold = [];
    toldAt = performance.now();
    tell({ type: 'replies', replies: packed }, transfer);
  };
  const line =
    (level: LogLevel) =>
    (facts: object, message: string): void =>
      tell({ type: 'log', level, facts: factsText(facts), message: cut(String(message), maxMessageLength) });

  return {
    log: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
    add(replies, last) {
      untold.push(...replies);
      if (last) return;
      if (performance.now() - toldAt >= flushEveryMs) flush();
      // For work that waits; before work that blocks the loop, what is younger is told late or runs again.
      else timer ??= setTimeout(flush, flushEveryMs);
    },
    take() {
      clearTimeout(timer);
      const last = untold;
      untold = [];
      return last;
    },
    tell,
    flush,
    retire(late) {
      tell({ type: 'retire', ...(late && { late }) });
      retired = true;
    },
    get retired() {
      return retired;
    },
    close() {
      clearTimeout(timer);
      port.close();
    },
  };
}

/** Facts as JSON: a log line must not fail its item, whatever is in it. */
function factsText(facts: object): string {
  try {
    const text = JSON.stringify(facts);
    return text.length > maxFactsLength ? JSON.stringify({ facts: `${text.slice(0, maxFactsLength)}…` }) : text;
  } catch (cause) {
    return JSON.stringify({ facts: `not shown: ${messageOf(cause)}` });
  }
}
