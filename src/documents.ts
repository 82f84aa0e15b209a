/**
 * PDF documents to sentences and tokens: the jobs, and `runDocuments`, which runs them on files.
 * Needs the optional packages `@hyzyla/pdfium` and `gpt-tokenizer`.
 *
 * @packageDocumentation
 */
export type { Encoding } from './workloads/documents/count-tokens.ts';
export type { PageSlice } from './workloads/documents/documents.work.ts';
export { type DocumentInput, documentsJob } from './workloads/documents/documents-job.ts';
export type { OpenedFile } from './workloads/documents/inspect.work.ts';
export { documentsOpenJob, type InspectInput } from './workloads/documents/inspect-job.ts';
export type { DocumentsOptions, DocumentsPlan } from './workloads/documents/options.ts';
export type { PageFacts, PageRun, Sentence } from './workloads/documents/page-run.ts';
export type { DocumentCode } from './workloads/documents/refusal.ts';
export {
  type DocumentReport,
  type DocumentsHooks,
  type DocumentsRequest,
  documentsJobs,
  runDocuments,
} from './workloads/documents/run-documents.ts';
export type { SeenFile } from './workloads/documents/seen-file.ts';
export type { DocumentResult } from './workloads/documents/write-document.ts';
export type { WorkloadEngine, WorkloadSession, WorkloadStart } from './workloads/engine-part.ts';
