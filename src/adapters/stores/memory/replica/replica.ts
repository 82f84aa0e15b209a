import type { OwnerId } from '../../../../model/ids.ts';
import {
  batchKey,
  type KeyPage,
  type Replica,
  readBatchKey,
  type StageRecord,
  type Unit,
  type UnitKey,
} from '../../../../model/replica.ts';
import type { MemoryState } from '../state.ts';
import { bytesOf } from './batch-copy.ts';
import { memoryKinds } from './kinds.ts';

/** Row by row access to a memory store. */
export function memoryReplica(state: MemoryState): Replica {
  return {
    async list(page) {
      state.look();
      return listKeys(state, page);
    },
    async absent(keys) {
      state.look();
      return keys.filter(({ kind, key }) => memoryKinds[kind].read(state, key) === undefined);
    },
    async read(keys, bytes) {
      state.look();
      return { at: state.time(), units: readUnits(state, keys, bytes) };
    },
    async write({ at, units }) {
      state.begin();
      state.advanceTo(at);
      for (const unit of units) writeUnit(state, unit);
      state.wrote(units.length);
    },
    async stage() {
      state.look();
      return state.stage;
    },
    async setStage(record: StageRecord, epoch) {
      state.begin();
      if ((state.stage?.epoch ?? 0) !== epoch) return false;
      state.stage = Object.freeze({ ...record });
      state.wrote(1);
      return true;
    },
    async liveOwners() {
      const now = state.time();
      return [...state.owners.keys()].filter((owner: OwnerId) => state.isAlive(owner, now));
    },
  };
}

function readUnits(state: MemoryState, keys: readonly UnitKey[], bytes: number): readonly Unit[] {
  const units: Unit[] = [];
  let left = bytes;
  for (const { kind, key } of keys) {
    // The copy is of the kind that it was asked for by.
    const unit = { kind, key, copy: memoryKinds[kind].read(state, key) } as Unit;
    left -= bytesOf(unit);
    if (left < 0 && units.length > 0) break;
    units.push(unit);
  }
  return units;
}

function writeUnit(state: MemoryState, unit: Unit): void {
  const { kind, key, copy } = unit;
  const methods = memoryKinds[kind];
  if (copy === undefined) methods.remove(state, key);
  // As above: a unit's copy is of its kind.
  else (methods.put as (state: MemoryState, key: string, copy: Unit['copy']) => void)(state, key, copy);
}

function listKeys(state: MemoryState, page: KeyPage): readonly string[] {
  if (page.kind === 'batches') return listBatchKeys(state, page);
  const { after, limit } = page;
  const keys = [...memoryKinds[page.kind].keys(state)];
  return keys
    .filter((key) => after === undefined || key > after)
    .sort()
    .slice(0, limit);
}

function listBatchKeys({ sessions }: MemoryState, { session, after, limit }: KeyPage & { kind: 'batches' }): readonly string[] {
  const entry = sessions.get(session);
  if (!entry) return [];
  const from = after === undefined ? 0 : readBatchKey(after).number + 1;
  const ahead = [...entry.letters.keys()].filter((number) => number >= from && !entry.rows[number]).sort((a, b) => a - b);
  const found: number[] = ahead.slice(0, limit);
  // A copy on its way may lack rows.
  for (let number = from, rows = 0; number < entry.rows.length && rows < limit; number++) {
    if (!entry.rows[number]) continue;
    found.push(number);
    rows++;
  }
  return found
    .sort((a, b) => a - b)
    .slice(0, limit)
    .map((number) => batchKey(session, number));
}
