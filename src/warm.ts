/**
 * Warming of caches: `defineLoaders` in a work module, `warmJob` and `runWarm` in the host; `runWarmSql` for values out of a database.
 * A cache in Redis needs the optional package `@redis/client`.
 *
 * @packageDocumentation
 */
export { type MemoryCacheOptions, memoryCache } from './workloads/caches/memory-cache.ts';
export { openCache } from './workloads/caches/open-cache.ts';
export type { Move, WarmCache } from './workloads/caches/warm-cache.ts';
export type { WorkloadEngine, WorkloadSession, WorkloadStart } from './workloads/engine-part.ts';
export {
  defineLoaders,
  type Loader,
  type LoaderLife,
  type WarmSettings,
  type WarmWork,
} from './workloads/warm/define-loaders.ts';
export type { FailedKey, GroupReport, ItemReport, WarmReport } from './workloads/warm/report.ts';
export { reportWarm, runWarm, type WarmHooks, type WarmRequest, warmInput } from './workloads/warm/run-warm.ts';
export type { SqlSettings } from './workloads/warm/sql/sql.work.ts';
export { runWarmSql, type SqlGroup, type WarmSqlRequest, warmSqlInput, warmSqlJob } from './workloads/warm/sql/warm-sql.ts';
export type { ListedGroup, LoadedItem, WarmGroup, WarmItem, WarmKey } from './workloads/warm/warm-item.ts';
export { type WarmInput, type WarmJob, warmJob } from './workloads/warm/warm-job.ts';
