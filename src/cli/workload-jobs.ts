import type { AnyJob } from '../model/job.ts';
import { annotationsJobs } from '../workloads/annotations/run-annotations.ts';
import { documentsJobs } from '../workloads/documents/run-documents.ts';
import { pollJob } from '../workloads/poll/poll-job.ts';
import { tracksJobs } from '../workloads/tracks/run-tracks.ts';
import { warmSqlJob } from '../workloads/warm/sql/warm-sql.ts';

/** Jobs of the commands themselves: their sessions need no module to be gone on with. */
export const workloadJobs: readonly AnyJob[] = [...tracksJobs, ...annotationsJobs, ...documentsJobs, pollJob(), warmSqlJob];
