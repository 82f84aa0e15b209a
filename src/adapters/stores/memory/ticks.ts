import type { OwnerId, Timestamp } from '../../../model/ids.ts';
import type { TickInput, TickNote, TickOutcome, TickRecord, TickState } from '../../../model/schedules.ts';
import { ownError } from './own.ts';

/** A tick with its inputs by key, in the order in which they were noted. */
export interface TickEntry {
  readonly schedule: string;
  readonly at: Timestamp;
  state: TickState;
  owner: OwnerId;
  takes: number;
  readonly missed: number;
  takenAt: Timestamp;
  endedAt: Timestamp | null;
  error: TickRecord['error'];
  readonly inputs: Map<string, NotedInput>;
}

interface NotedInput {
  /** Rises over all ticks. */
  readonly no: number;
  readonly input: TickInput;
}

/** What is noted of an input. */
type Note = Pick<TickInput, 'key' | 'outcome' | 'sessionId'> & Pick<TickNote, 'error' | 'input'>;

/** The ticks of one schedule. */
export interface Ticks {
  get(at: Timestamp): TickEntry | undefined;
  add(tick: Pick<TickEntry, 'at' | 'owner' | 'missed' | 'takenAt'>): TickEntry;
  delete(tick: TickEntry): void;
  newestFirst(): Iterable<TickEntry>;
  /** Notes an input; older ones of its key wait no longer. */
  note(tick: TickEntry, note: Note): void;
  /** Inputs of all ticks, in the order in which they were noted first. */
  inputs(): readonly TickInput[];
}

/** A schedule without ticks. */
export function createTicks(schedule: string, newest: { no: number }): Ticks {
  const ticks = new Map<Timestamp, TickEntry>();
  const put = (tick: TickEntry, { key, outcome, sessionId, error, input }: Note): void => {
    const no = tick.inputs.get(key)?.no ?? ++newest.no;
    const waits = outcome === 'queued' ? (input ?? null) : null;
    const record = { schedule, at: tick.at, key, outcome, sessionId, error: error ? ownError(error) : null, input: waits };
    tick.inputs.set(key, { no, input: Object.freeze(record) });
  };
  return {
    get: (at) => ticks.get(at),
    add(given) {
      const tick: TickEntry = { schedule, state: 'open', takes: 1, endedAt: null, error: null, inputs: new Map(), ...given };
      ticks.set(tick.at, tick);
      return tick;
    },
    delete: (tick) => void ticks.delete(tick.at),
    newestFirst: () => [...ticks.values()].sort((left, right) => right.at - left.at),
    note(tick, note) {
      put(tick, note);
      if (note.outcome !== 'started' && note.outcome !== 'queued') return;
      for (const older of ticks.values()) {
        const input = older.at < tick.at ? older.inputs.get(note.key)?.input : undefined;
        if (input?.outcome === 'queued') put(older, { key: input.key, outcome: 'skipped', sessionId: input.sessionId });
      }
    },
    inputs() {
      const noted = [...ticks.values()].flatMap(({ inputs }) => [...inputs.values()]);
      return noted.sort((left, right) => left.no - right.no).map(({ input }) => input);
    },
  };
}

/** Whether an input of the tick waits. */
export function isWaiting({ inputs }: TickEntry): boolean {
  return [...inputs.values()].some(({ input }) => input.outcome === 'queued');
}

/** The tick as others see it. */
export function tickRecord({ inputs, ...tick }: TickEntry): TickRecord {
  const counts: Record<TickOutcome, number> = { started: 0, resumed: 0, skipped: 0, queued: 0, failed: 0 };
  for (const { input } of inputs.values()) counts[input.outcome]++;
  return { ...tick, inputs: counts };
}
