import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

/** What a line of the history tells. `pid` is the process it tells of. */
export type Fact =
  /** Work: an execution of a batch (`item: null`) or of one item of it began, is still at work, or ended. */
  | { readonly type: 'begin' | 'tick' | 'end'; readonly session: string; readonly batch: number; readonly item: number | null }
  /** `finalize` was called, and is about to return a result with this digest: what an outside sink would have seen. */
  | { readonly type: 'finalize'; readonly session: string; readonly finalizeId: string; readonly digest: string }
  /** The host's store registered it under this name. */
  | { readonly type: 'owner'; readonly owner: string }
  /** The host learnt that its lease had run out. */
  | { readonly type: 'lost'; readonly owner: string }
  /** The store answered that a session is recorded, or that it is live already. */
  | { readonly type: 'created'; readonly session: string; readonly key: string; readonly answer: 'created' | 'live' }
  /** The host is about to take a session on; and did. */
  | { readonly type: 'adopting'; readonly session: string }
  | { readonly type: 'adopted'; readonly session: string; readonly epoch: number }
  /** The host is about to ask for these batches. */
  | { readonly type: 'claiming'; readonly session: string; readonly batches: readonly number[] }
  /** The store answered that a batch was settled under this claim. */
  | { readonly type: 'settled'; readonly session: string; readonly batch: number; readonly to: string; readonly token: string }
  /** The store answered that a session has ended. */
  | { readonly type: 'ended'; readonly session: string; readonly state: string }
  /** A caller was told the outcome. */
  | {
      readonly type: 'answered';
      readonly session: string;
      readonly key: string;
      readonly status: string;
      readonly digest: string;
    }
  /** A host says that it is there, that it has closed (and what it still holds), or what it can't explain. */
  | { readonly type: 'ready' }
  | { readonly type: 'closed'; readonly left: readonly string[] }
  | { readonly type: 'trouble'; readonly message: string }
  /** What the driver does to a host, before it does it; and its end, once it is seen. */
  | { readonly type: 'signal'; readonly signal: string }
  | { readonly type: 'exited'; readonly code: number | null; readonly signal: string | null };

/** A fact with its process, the host that process belongs to, and the wall clock in milliseconds. */
export type Line = Fact & { readonly pid: number; readonly host: number; readonly at: number };

/** Writes facts about one process. */
export type Note = (fact: Fact) => void;

/** Open files of this thread. */
const files = new Map<string, number>();

/**
 * Opens a history for writing. Each line is one write to a file opened for appending, and is there when the call returns:
 * so a line that stands before another one happened before it, whichever processes they are from, and none is lost with its process.
 */
export function openHistory(path: string, pid = process.pid, host = Number(process.env.SOAK_HOST ?? pid)): Note {
  const file = files.get(path) ?? openSync(path, 'a', 0o600);
  files.set(path, file);
  return (fact) =>
    void writeSync(file, `${JSON.stringify({ ...fact, pid, host, at: performance.timeOrigin + performance.now() })}\n`);
}

/** Lets go of a history's file: nothing more can be noted in it. */
export function closeHistory(path: string): void {
  const file = files.get(path);
  files.delete(path);
  if (file !== undefined) closeSync(file);
}

/** The lines of a history, in the order in which they were written. */
export function readHistory(path: string): readonly Line[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}
