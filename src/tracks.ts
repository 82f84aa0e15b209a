/**
 * GPS tracks out of location histories: the jobs, and `runTracks`, which runs them on files.
 *
 * @packageDocumentation
 */
export type { WorkloadEngine, WorkloadSession, WorkloadStart } from './workloads/engine-part.ts';
export { finalTracks } from './workloads/tracks/final-tracks.ts';
export type { FormatName } from './workloads/tracks/formats/formats.ts';
export type { ColumnsRun, CsvRun, Part, Run, SourceFile, TimeSlice, WholeFile } from './workloads/tracks/history.ts';
export type { TracksMode, TracksOptions, TracksPlan } from './workloads/tracks/options.ts';
export type { BatchSpan, FinalTrack, OutputFormat, RunSummary } from './workloads/tracks/outputs/shapes.ts';
export type { RowCounts, SkipReason } from './workloads/tracks/row-counts.ts';
export type { TrackRules } from './workloads/tracks/rules.ts';
export {
  runTracks,
  type TracksHooks,
  type TracksReport,
  type TracksRequest,
  tracksJobs,
} from './workloads/tracks/run-tracks.ts';
export { type SortInput, type SortResult, tracksSortJob } from './workloads/tracks/sort-job.ts';
export { type TracksInput, type TracksResult, tracksJob } from './workloads/tracks/tracks-job.ts';
export { createUserSettings, type UserSettingsOptions } from './workloads/tracks/user-settings.ts';
