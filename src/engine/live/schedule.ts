import { Observable, type Subscriber } from 'rxjs';

/** Who has batches to run: the scheduler pulls from it. */
export interface Feed<Batch> {
  /** Higher goes first. */
  readonly priority: number;
  /** Batches that can run now, at most `limit`; none when there are none now: `wake` says when to ask again. */
  take(limit: number): readonly Batch[];
  /** How many batches should travel together. */
  groupSize(): number;
}

/** Batches of one feed that travel together. Its lane is taken until `release`. */
export interface Pulled<Source extends Feed<Batch>, Batch> {
  readonly feed: Source;
  readonly batches: readonly Batch[];
  /** Gives the lane back, once. `workMs`: what was worked in it. */
  release(workMs?: number): void;
}

export interface Scheduler<Source extends Feed<Batch>, Batch> {
  /** Groups, one for each free lane. Nothing is pulled before it is subscribed to, nor while no lane is free. */
  readonly groups$: Observable<Pulled<Source, Batch>>;
  add(feed: Source): void;
  remove(feed: Source): void;
  /** Asks a feed again. */
  wake(feed: Source): void;
  /** Ends the stream of groups. */
  close(): void;
}

/** What a group costs host and worker, whatever is in it. */
const groupMs = 1;

interface Place<Source> {
  readonly feed: Source;
  /** Work that it was given, in ms, with what its groups under way are expected to take. The least served of the highest priority is next. */
  served: number;
  /** What its last group was charged. */
  lastMs: number;
  /** Had nothing when asked last. */
  idle: boolean;
}

/** Who is next: the least served of the highest priority. */
function nextOf<Source extends Feed<unknown>>(places: ReadonlyMap<Source, Place<Source>>): Place<Source> | undefined {
  let best: Place<Source> | undefined;
  for (const place of places.values()) {
    if (place.idle) continue;
    const ahead = best === undefined ? 1 : place.feed.priority - best.feed.priority || best.served - place.served;
    if (ahead > 0) best = place;
  }
  return best;
}

/**
 * Pulls groups from several feeds into a fixed number of lanes: memory does not grow with the input, since
 * RxJS itself gives no back-pressure (`from(source).pipe(mergeMap(run, 4))` reads the whole source ahead).
 *
 * Higher priority first; at equal priority the feed whose work took least time so far, so that long batches do not count like short ones.
 * Work counts when it is done; until then a group counts like the last one of its feed. A feed that had nothing for a while does not catch up.
 */
export function createScheduler<Source extends Feed<Batch>, Batch>(lanes: number): Scheduler<Source, Batch> {
  const places = new Map<Source, Place<Source>>();
  let free = lanes;
  let subscriber: Subscriber<Pulled<Source, Batch>> | undefined;
  let pulling = false;
  let pullAgain = false;
  /** By priority: how much the feed had that was served last. Feeds of other priorities say nothing about it. */
  const latestServed = new Map<number, number>();
  const latestOf = ({ priority }: Source): number => latestServed.get(priority) ?? 0;

  const serve = (place: Place<Source>): void => {
    const { feed } = place;
    const batches = feed.take(feed.groupSize());
    if (batches.length === 0) {
      place.idle = true;
      return;
    }
    latestServed.set(feed.priority, place.served);
    const expectedMs = place.lastMs;
    place.served += expectedMs;
    free--;
    let held = true;
    const release = (workMs = 0): void => {
      if (!held) return;
      held = false;
      free++;
      place.lastMs = groupMs + workMs;
      place.served += place.lastMs - expectedMs;
      pull();
    };
    subscriber?.next({ feed, batches, release });
  };

  /** Serves while lanes are free. Re-entrant calls only ask for another round, so that the stack stays flat. */
  const pull = (): void => {
    pullAgain = true;
    if (pulling) return;
    pulling = true;
    while (pullAgain) {
      pullAgain = false;
      for (let next = nextOf(places); next && free > 0 && subscriber; next = nextOf(places)) serve(next);
    }
    pulling = false;
  };

  return {
    groups$: new Observable((observer) => {
      subscriber = observer;
      pull();
      return () => {
        subscriber = undefined;
      };
    }),
    add(feed) {
      places.set(feed, { feed, served: latestOf(feed), lastMs: groupMs, idle: false });
      pull();
    },
    remove(feed) {
      places.delete(feed);
    },
    wake(feed) {
      const place = places.get(feed);
      if (!place) return;
      if (place.idle) place.served = Math.max(place.served, latestOf(feed));
      place.idle = false;
      pull();
    },
    close() {
      places.clear();
      subscriber?.complete();
    },
  };
}
