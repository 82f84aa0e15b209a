/** The batch that a default task id names: of every session of the job and key. */
export interface DefaultTask {
  readonly job: string;
  readonly key: string;
  readonly number: number;
}

/** Reads `job:key#number`. Names of jobs have no colon; keys may have anything. */
export function readDefaultTask(taskId: string): DefaultTask | undefined {
  const [, job, key, number] = /^([^:]+):(.*)#(\d{1,15})$/s.exec(taskId) ?? [];
  if (job === undefined || key === undefined || number === undefined || String(Number(number)) !== number) return undefined;
  return { job, key, number: Number(number) };
}
