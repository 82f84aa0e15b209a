/** Time that moves only when all is quiet: from event to event, in the order of their moments. */
export interface VirtualTime {
  /** Milliseconds since 1970, with fractions. */
  now(): number;
  /** Calls back after so long; the answer cancels it. */
  after(ms: number, act: () => unknown): () => void;
  /** Calls back in the next turn, before the time moves on: what `setImmediate` is in a simulated world. Answers what names the turn. */
  soon(act: () => unknown): object;
  /** Cancels a turn. */
  cancelSoon(turn: object): void;
  /** Lets events happen until something is so. Answers why it ended: `quiet` when nothing is left to happen. */
  run(
    isDone: () => boolean,
    most: { readonly events: number; readonly untilMs: number },
  ): Promise<'done' | 'quiet' | 'events' | 'time'>;
  /** Events so far. */
  events(): number;
}

interface Happening {
  readonly at: number;
  readonly order: number;
  act: (() => unknown) | undefined;
}

/** Where simulated time begins. */
export const beginning = 1_700_000_000_000;

/** The loop of the machine itself, before a world takes its place. */
const realTurn = setImmediate;

/** Promises go on until none can: only then has an event happened with all that follows from it at once. */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => {
    realTurn(resolve);
  });
}

export function createVirtualTime(): VirtualTime {
  const heap: Happening[] = [];
  let turns: { act: (() => unknown) | undefined }[] = [];
  let now = beginning;
  let order = 0;
  let events = 0;

  const takeTurns = async (): Promise<void> => {
    while (turns.length > 0) {
      const round = turns;
      turns = [];
      for (const { act } of round) {
        if (!act) continue;
        events++;
        act();
        await settlePromises();
      }
    }
  };
  return {
    now: () => now,
    after(ms, act) {
      const happening: Happening = { at: now + Math.max(0, ms), order: order++, act };
      push(heap, happening);
      return () => {
        happening.act = undefined;
      };
    },
    soon(act) {
      const turn = { act };
      turns.push(turn);
      return turn;
    },
    cancelSoon(turn) {
      for (const waiting of turns) if (waiting === turn) waiting.act = undefined;
    },
    async run(isDone, most) {
      await settlePromises();
      for (;;) {
        await takeTurns();
        if (isDone()) return 'done';
        if (events > most.events) return 'events';
        const next = heap[0];
        if (!next) return 'quiet';
        if (next.act && next.at > most.untilMs) return 'time';
        pop(heap);
        if (!next.act) continue;
        now = next.at;
        events++;
        next.act();
        await settlePromises();
      }
    },
    events: () => events,
  };
}

function isBefore(left: Happening, right: Happening): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}

function push(heap: Happening[], entry: Happening): void {
  heap.push(entry);
  for (let child = heap.length - 1; child > 0; ) {
    const parent = (child - 1) >> 1;
    const [lower, upper] = [heap[child] as Happening, heap[parent] as Happening];
    if (!isBefore(lower, upper)) return;
    heap[child] = upper;
    heap[parent] = lower;
    child = parent;
  }
}

function pop(heap: Happening[]): Happening | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (!top || !last || heap.length === 0) return top;
  heap[0] = last;
  for (let parent = 0, child = 1; child < heap.length; parent = child, child = 2 * parent + 1) {
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Happening, heap[child] as Happening)) child++;
    const [lower, upper] = [heap[child] as Happening, heap[parent] as Happening];
    if (!isBefore(lower, upper)) return top;
    heap[child] = upper;
    heap[parent] = lower;
  }
  return top;
}
