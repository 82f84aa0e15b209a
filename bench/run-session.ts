import type { Engine, Job } from '../src/index.ts';

/** Runs a session to its end and forgets it. A variant that does not do all of the work must not win. */
export async function runSession<Input>(
  engine: Engine,
  job: Job<Input, unknown, unknown>,
  input: NoInfer<Input>,
  { items, keep = false }: { readonly items: number; readonly keep?: boolean },
): Promise<void> {
  const { status, counts, sessionId } = await engine.run(job, input);
  if (status !== 'completed' || counts.items.completed !== items) {
    throw new Error(`the session ended as ${status}, with ${counts.items.completed} of ${items} items completed`);
  }
  if (!keep) await engine.prune({ id: sessionId });
}
