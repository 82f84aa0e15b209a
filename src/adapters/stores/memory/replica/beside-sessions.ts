import type { AlertName } from '../../../../model/notifications.ts';
import { type Copies, type CopyKind, joinKey, splitKey } from '../../../../model/replica.ts';
import { ownError } from '../own.ts';
import { type ScheduleEntry, scheduleRecord } from '../schedule-methods.ts';
import type { MemoryState } from '../state.ts';
import { createTicks, type TickEntry } from '../ticks.ts';
import type { MemoryKind } from './memory-kind.ts';

/** Kinds that hang on no session. */
type KindBesides = Exclude<CopyKind, 'owners' | 'sessions' | 'values' | 'batches'>;

/** What this store does with units that hang on no session. */
export const kindsBeside: { readonly [Kind in KindBesides]: MemoryKind<Kind> } = {
  cached_outputs: {
    keys: ({ cache }) => cache.keys(),
    read: ({ cache }, key) => cache.get(key),
    put: ({ cache }, key, copy) => void cache.set(key, { ...copy }),
    remove: ({ cache }, key) => void cache.delete(key),
  },
  schedules: {
    keys: ({ schedules }) => schedules.keys(),
    read({ schedules }, key) {
      const entry = schedules.get(key);
      return entry && scheduleRecord(entry);
    },
    put: putSchedule,
    remove: ({ schedules }, key) => void schedules.delete(key),
  },
  ticks: {
    keys: (state) => ticksOf(state).map(({ schedule, at }) => joinKey(schedule, at)),
    read(state, key) {
      const found = findTick(state, key);
      if (!found) return undefined;
      const { inputs, ...tick } = found.tick;
      return tick;
    },
    put: (state, _, copy) => putTick(state, copy),
    remove(state, key) {
      const found = findTick(state, key);
      if (found) found.entry.ticks.delete(found.tick);
    },
  },
  tick_inputs: {
    keys: (state) =>
      ticksOf(state).flatMap(({ schedule, at, inputs }) => [...inputs.keys()].map((key) => joinKey(schedule, at, key))),
    read(state, key) {
      const noted = findTick(state, key)?.tick.inputs.get(splitKey(key)[2]);
      return noted && { ...noted.input, order: noted.no };
    },
    put(state, key, { order, ...input }) {
      const inputs = findTick(state, key)?.tick.inputs;
      inputs?.set(input.key, { no: order, input: Object.freeze({ ...input, error: ownError(input.error) }) });
      state.newestInput.no = Math.max(state.newestInput.no, order);
    },
    remove: (state, key) => void findTick(state, key)?.tick.inputs.delete(splitKey(key)[2]),
  },
  notifications: {
    keys: ({ notifications }) => notifications.keys(),
    read({ notifications }, key) {
      const row = notifications.get(key);
      return row && { ...row.record, owner: row.owner };
    },
    put: ({ notifications }, key, { owner, ...record }) => void notifications.set(key, { owner, record }),
    remove: ({ notifications }, key) => void notifications.delete(key),
  },
  alerts: {
    keys: ({ alerts }) => alerts.keys(),
    read: ({ alerts }, key) => (alerts.has(key as AlertName) ? { name: key as AlertName } : undefined),
    put: ({ alerts }, _, { name }) => void alerts.add(name),
    remove: ({ alerts }, key) => void alerts.delete(key as AlertName),
  },
  rates: {
    keys: (state) => [...state.rates.keys()].filter((bucket) => readRate(state, bucket) !== undefined),
    read: readRate,
    put: ({ rates }, bucket, { starts }) => void rates.set(bucket, starts),
    remove: ({ rates }, bucket) => void rates.delete(bucket),
  },
};

function putSchedule({ schedules, newestInput }: MemoryState, key: string, copy: Copies['schedules']): void {
  const { decidedUntil, openTick, createdAt, ...given } = copy;
  const ticks = schedules.get(key)?.ticks ?? createTicks(key, newestInput);
  schedules.set(key, { given, decidedUntil, openTick, createdAt, ticks });
}

function putTick({ schedules }: MemoryState, copy: Copies['ticks']): void {
  const ticks = schedules.get(copy.schedule)?.ticks;
  const tick = ticks && (ticks.get(copy.at) ?? ticks.add(copy));
  if (tick) Object.assign(tick, copy, { error: ownError(copy.error) });
}

function ticksOf({ schedules }: MemoryState): readonly TickEntry[] {
  return [...schedules.values()].flatMap(({ ticks }) => [...ticks.newestFirst()]);
}

function findTick(
  { schedules }: MemoryState,
  key: string,
): { readonly entry: ScheduleEntry; readonly tick: TickEntry } | undefined {
  const [schedule, at] = splitKey(key);
  const entry = schedules.get(schedule);
  const tick = entry?.ticks.get(Number(at));
  return entry && tick && { entry, tick };
}

/** What has left its window is as good as gone. */
function readRate(state: MemoryState, bucket: string): Copies['rates'] | undefined {
  const starts = state.rates.get(bucket);
  return starts && (starts.at(-1)?.[0] ?? 0) > state.time() ? { bucket, starts } : undefined;
}
