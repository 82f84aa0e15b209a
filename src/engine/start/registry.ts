import { MillraceError } from '../../model/errors.ts';
import type { Executor, WorkShape } from '../../model/executor.ts';
import type { AnyJob, JobDefinition } from '../../model/job.ts';

/** The jobs of a host, by the names that rows hold: a stored row never names code. */
export interface Registry {
  find(name: string): JobDefinition | undefined;
  /** The definition of a job that is registered here. @throws MillraceError `JOB_NOT_REGISTERED` */
  get(job: { readonly name: string }): JobDefinition;
  /** Loads a job's work once, where it will run. @throws MillraceError `WORK_MODULE` */
  shape(job: JobDefinition, executor: Executor): Promise<WorkShape>;
}

export function createRegistry(jobs: readonly AnyJob[]): Registry {
  const byName = new Map<string, JobDefinition>();
  for (const { name, definition } of jobs) {
    if (byName.has(name)) throw new MillraceError('DUPLICATE_JOB', `Two jobs are named ${name}. Give each its own name.`);
    byName.set(name, definition);
  }
  const shapes = new Map<string, Promise<WorkShape>>();
  return {
    find: (name) => byName.get(name),
    get({ name }) {
      const definition = byName.get(name);
      if (definition) return definition;
      const known = [...byName.keys()].join(', ') || 'none';
      throw new MillraceError(
        'JOB_NOT_REGISTERED',
        `Job ${name} is not registered here. Give it to createEngine({ jobs }); registered: ${known}.`,
      );
    },
    shape(job, executor) {
      const known = shapes.get(job.name);
      if (known !== undefined) return known;
      const shape = executor.load(job.work);
      shapes.set(job.name, shape);
      // A module that could not be loaded may be mended: the next start tries again.
      shape.catch(() => shapes.delete(job.name));
      return shape;
    },
  };
}
