/**
 * Annotated texts, checked and aligned with their documents: the jobs, and `runAnnotations`, which runs them on files.
 *
 * @packageDocumentation
 */
export { type AlignInput, annotationsJob } from './workloads/annotations/align-job.ts';
export type { AlignedLine } from './workloads/annotations/align-record.ts';
export { annotationsCheckJob, type CheckInput, type CheckResult } from './workloads/annotations/check-job.ts';
export type { Alignment, RefusalCode } from './workloads/annotations/format/codes.ts';
export type { InputPart } from './workloads/annotations/input/parts.ts';
export type { AnnotationsOptions, AnnotationsPlan } from './workloads/annotations/options.ts';
export {
  type AnnotationsHooks,
  type AnnotationsReport,
  type AnnotationsRequest,
  annotationsJobs,
  runAnnotations,
} from './workloads/annotations/run-annotations.ts';
export type { AnnotationsSummary, LineCounts } from './workloads/annotations/summary.ts';
export type { WorkloadEngine, WorkloadSession, WorkloadStart } from './workloads/engine-part.ts';
export type { LinesPart, SeenLine } from './workloads/lines/locate-lines.ts';
