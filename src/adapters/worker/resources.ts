import { copyPayload, decode, type Payload } from '../../model/codec.ts';
import type { AnyWorkDefinition, SetupContext } from '../../model/work.ts';

/** Settings as the work sees them, and what its `setup` made of them. */
export interface Prepared {
  readonly settings: unknown;
  readonly resource: unknown;
}

/** A prepared work in use. */
export interface InUse extends Prepared {
  /** Lets go of it: only then may it be put away for others. */
  release(): void;
}

/** What `setup` made, kept for the life of a worker. */
export interface Resources {
  /** Gives the resource of these settings; the first call sets it up. Rejects with what `setup` threw, and tries again next time. */
  use(work: AnyWorkDefinition, settings: Payload | null, context: Omit<SetupContext<unknown>, 'settings'>): Promise<InUse>;
  /** Calls `teardown` for each of them. Answers what was thrown. */
  teardown(): Promise<unknown[]>;
}

/** Settings that a worker holds at once, per work. A long-lived worker of many sessions must not hold all of them for ever. */
const maxKept = 16;

interface Entry {
  readonly work: AnyWorkDefinition;
  readonly prepared: Promise<Prepared>;
  users: number;
}

/** Sets up once per distinct settings, and tears down at the end or when more than 16 are held and it is long unused. */
export function createResources(): Resources {
  const kept = new Map<AnyWorkDefinition, Map<string, Entry>>();

  const entryOf = (entries: Map<string, Entry>, key: string, make: () => Entry): Entry => {
    const entry = entries.get(key) ?? make();
    // Moved to the end: the map's order is the order of use.
    entries.delete(key);
    entries.set(key, entry);
    return entry;
  };

  const evict = async (entries: Map<string, Entry>): Promise<void> => {
    for (const [key, entry] of entries) {
      if (entries.size <= maxKept) return;
      if (entry.users > 0) continue;
      entries.delete(key);
      await tearDown(entry);
    }
  };

  return {
    async use(work, settings, context) {
      const entries = kept.get(work) ?? new Map<string, Entry>();
      kept.set(work, entries);
      const key = keyOf(settings);
      const entry = entryOf(entries, key, () => ({ work, prepared: prepare(work, settings, context), users: 0 }));
      entry.users++;
      try {
        const prepared = await entry.prepared;
        if (entries.size > maxKept) await evict(entries);
        return { ...prepared, release: () => void entry.users-- };
      } catch (thrown) {
        if (entries.get(key) === entry) entries.delete(key);
        throw thrown;
      }
    },
    async teardown() {
      const entries = [...kept.values()].flatMap((byKey) => [...byKey.values()]);
      kept.clear();
      const ends = await Promise.allSettled(entries.map(tearDown));
      return ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
    },
  };
}

async function prepare(
  work: AnyWorkDefinition,
  payload: Payload | null,
  context: Omit<SetupContext<unknown>, 'settings'>,
): Promise<Prepared> {
  const settings = payload === null ? undefined : decode(copyPayload(payload));
  return { settings, resource: await work.setup?.({ ...context, settings }) };
}

async function tearDown({ work, prepared }: Entry): Promise<void> {
  const { resource } = await prepared;
  if (work.setup) await work.teardown?.(resource);
}

function keyOf(settings: Payload | null): string {
  if (settings === null) return '';
  return typeof settings === 'string' ? `text:${settings}` : `bytes:${Buffer.from(settings).toString('latin1')}`;
}
