import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { memory } from '../../../../src/adapters/stores/memory.ts';
import { type ShadowStore, shadow } from '../../../../src/adapters/stores/shadow.ts';
import { reasonToSkip, runStoreCase, type StoreCase, type StoreSite, storeCases } from '../../../../src/conformance.ts';
import type { Clock } from '../../../../src/model/clock.ts';
import type { Store } from '../../../../src/model/store.ts';
import { suite } from '../../../support/suite.ts';
import { emptyFile, removeTemplate, settle, sqliteIn } from './pairs.ts';

/** The two stores of a pair in a folder. */
type MakePair = (folder: string, clock: Clock, empty: string) => readonly [primary: Store, secondary: Store];

const inMemory = (clock: Clock): Store => memory({ clock });
const durable: MakePair = (folder, clock, empty) => [
  sqliteIn(folder, 'a.db', clock, empty),
  sqliteIn(folder, 'b.db', clock, empty),
];

const isAlone = ({ needs }: StoreCase): boolean => needs === undefined;

/** A pair, and in which cases its copy must come to the same: a memory store does not outlive its closing, nor is it shared. */
const pairs: Readonly<
  Record<string, { readonly make: MakePair; readonly isCompared: typeof isAlone; readonly cases: readonly StoreCase[] }>
> = {
  'shadow(memory, memory)': { make: (_, clock) => [inMemory(clock), inMemory(clock)], isCompared: isAlone, cases: storeCases },
  'shadow(sqlite, memory)': {
    make: (folder, clock, empty) => [sqliteIn(folder, 'a.db', clock, empty), inMemory(clock)],
    isCompared: isAlone,
    cases: storeCases,
  },
  'shadow(memory, sqlite)': {
    make: (folder, clock, empty) => [inMemory(clock), sqliteIn(folder, 'b.db', clock, empty)],
    isCompared: isAlone,
    cases: storeCases,
  },
  'shadow(sqlite, sqlite)': { make: durable, isCompared: () => true, cases: storeCases.filter((one) => !isAlone(one)) },
};

function siteOf(make: MakePair, made: ShadowStore[]): () => Promise<StoreSite> {
  return async () => {
    const [folder, empty] = [await mkdtemp(join(tmpdir(), 'millrace-shadow-')), await emptyFile()];
    return {
      create(clock) {
        const store = shadow(...make(folder, clock, empty), { clock });
        made.push(store);
        return store;
      },
      remove: () => rm(folder, { recursive: true, force: true }),
    };
  };
}

for (const [name, { make, isCompared, cases }] of Object.entries(pairs)) {
  const test = suite(`conformance of ${name}`);
  const [, last] = name.match(/\((\w+),/) ?? [];
  const supports = { durable: last === 'sqlite', shared: last === 'sqlite' };
  for (const storeCase of cases) {
    test.unless(reasonToSkip(storeCase, { supports }), `${storeCase.name}, and copies all of it`, async () => {
      const made: ShadowStore[] = [];
      const run: StoreCase['run'] = async (world) => {
        await storeCase.run(world);
        if (!isCompared(storeCase)) return;
        const open = made.filter((store) => store.operations().transactions > 0);
        for (const store of open) await settle(store, world.clock);
        for (const store of open) assert.equal((await store.compare()).differences, []);
      };
      await runStoreCase({ ...storeCase, run }, siteOf(make, made));
    });
  }
  test.after(removeTemplate);
  test.run();
}
