export { type CheckedJob, type CheckJobOptions, checkJob } from './testing/check-job.ts';
export { runSequential } from './testing/run-sequential.ts';
export { callEach, type TestContext, type WorkContextOptions, workContext } from './testing/work-context.ts';
