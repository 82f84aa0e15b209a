import { availableParallelism } from 'node:os';
import { workersAuto } from '../../adapters/executors/worker-count.ts';
import type { Session } from '../../engine/api/session.ts';
import { redisPasswordVariable } from '../../workloads/caches/redis-cache.ts';
import { defineCommand } from '../arguments/command.ts';
import { flag, oneOf, text, wholeNumber } from '../arguments/options.ts';
import { duration, workers } from '../arguments/units.ts';
import { openRunStore } from '../store/run-store.ts';
import { createGroupsDisplay } from '../warm/groups-display.ts';
import { chooseCache, openPlan, type WarmChoice } from '../warm/open-plan.ts';
import { tellReport } from '../warm/tell-report.ts';
import { withEngine } from '../with-engine.ts';

/** What every command that warms takes. */
export const warmOptions = {
  group: text('NAME', 'Only this group'),
  cache: text('CACHE', "memory, sqlite:FILE or redis://HOST:PORT (default the config's, else memory)"),
  ttl: duration('1s', "How long values are kept (default the config's, else 30m)"),
  timeout: duration('10ms', "How long one item may take (default the config's, else 30s)"),
  connections: wholeNumber('N', 1, 1_024, 'The most workers, since each opens a connection: a limit of the database'),
  workers,
  executor: oneOf(
    ['processes', 'threads', 'inline'],
    'Where values are loaded (default processes for queries, which can be ended there; threads for a module)',
  ),
  refresh: flag('Load everything first, then replace it, then delete what is not listed any more'),
  out: text('DIR', 'Folder for items.tsv and summary.json, and for the run, so that it can be gone on with'),
  store: text('STORE', 'Where the run is kept: sqlite:FILE, a folder, or memory (default DIR, else memory)'),
} as const;

/** `millrace warm`: loads the values of a cache. */
export const command = defineCommand({
  name: 'warm',
  summary: 'Warms a cache: loads groups of keys by their loaders, in parallel, and reports each item.',
  operands: 'CONFIG',
  minOperands: 1,
  maxOperands: 1,
  options: {
    ...warmOptions,
    key: text('KEY', 'Only this key: runs in the command itself unless --executor says otherwise'),
    'keys-per-chunk': wholeNumber('N', 1, 1_000_000, 'Keys that a worker takes at once; changes speed, never results'),
  },
  notes: [
    'CONFIG is a .json file with queries on an SQLite database, or a module that exports `job` and `request`: see docs/warm.md.',
    'What fails fails alone: its old value stays in the cache, and the next run tries it again.',
    'Exit codes: 0 all ok, 1 some failed, 2 bad usage or config, 3 none ok.',
    'Called again after an interruption, with the same --out or --store, it goes on where it was.',
  ],
  examples: [
    'millrace warm dashboards.json --cache redis://127.0.0.1:6379 --out warmed',
    'millrace warm dashboards.json --key ATL --cache sqlite:cache.db',
  ],
  async run({ operands: [file = ''], options: given, terminal }) {
    const plan = await openPlan(file);
    const cache = chooseCache(given.cache, plan);
    if (typeof cache !== 'string' && plan.cache !== cache)
      terminal.note('The values are kept in memory only, until this command ends: see --cache.');
    const { store } = await openRunStore(given.store, given.out, terminal);
    const chosen = given.executor ?? (given.key === undefined ? undefined : 'inline');
    const hint = (begun: boolean): string => (begun ? 'To go on, call the same command again.' : 'Nothing had been started.');
    const budget = workersWithin(given.connections ?? plan.connections, given.workers);
    const call = { terminal, store, jobs: [plan.job], workers: budget, env: [redisPasswordVariable], hint };
    return withEngine(call, async ({ engine, watch }) => {
      const choice = choiceOf({ ...given, ...(chosen && { executor: chosen }) });
      const report = await plan.run(engine, cache, choice, {
        // The engine is one of ours, whose sessions can be watched.
        onSession: (session, groups) => watch(session as Session<unknown, unknown>, createGroupsDisplay(terminal, groups)),
      });
      return tellReport(terminal, report, given.out);
    });
  },
});

/** What was given, and nothing else: the config has the rest. */
export function choiceOf(given: WarmChoice & { readonly 'keys-per-chunk'?: number }): WarmChoice {
  const { refresh, group, key, out, ttl, timeout, executor: chosen, 'keys-per-chunk': keysPerChunk } = given;
  return {
    ...(refresh && { refresh }),
    ...(group !== undefined && { group }),
    ...(key !== undefined && { key }),
    ...(out !== undefined && { out }),
    ...(ttl !== undefined && { ttl }),
    ...(timeout !== undefined && { timeout }),
    ...(chosen && { executor: chosen }),
    ...(keysPerChunk !== undefined && { keysPerChunk }),
  };
}

/** As many workers as there may be connections: each has one. */
export function workersWithin(connections: number | undefined, asked: number | 'auto' = 'auto'): number | 'auto' {
  if (connections === undefined) return asked;
  const wanted =
    asked === 'auto'
      ? workersAuto({ cpus: availableParallelism(), freeMemory: process.availableMemory(), env: process.env })
      : asked;
  return Math.min(connections, wanted);
}
