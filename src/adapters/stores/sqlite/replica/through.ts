import type { Replica } from '../../../../model/replica.ts';

type Use = <T>(work: (store: { readonly replica: Replica }) => Promise<T>) => Promise<T>;

/** Row by row access to a store that may not be open yet. */
export function replicaThrough(use: Use): Replica {
  return {
    list: (page) => use(({ replica }) => replica.list(page)),
    absent: (keys) => use(({ replica }) => replica.absent(keys)),
    read: (keys, bytes) => use(({ replica }) => replica.read(keys, bytes)),
    write: (reading) => use(({ replica }) => replica.write(reading)),
    stage: () => use(({ replica }) => replica.stage()),
    setStage: (record, epoch) => use(({ replica }) => replica.setStage(record, epoch)),
    liveOwners: () => use(({ replica }) => replica.liveOwners()),
  };
}
