import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../engine/api/api.ts';
import { decode } from '../../model/codec.ts';
import type { SessionRecord } from '../../model/records.ts';
import type { Store } from '../../model/store.ts';
import { planOptions } from '../../workloads/tracks/options.ts';
import { tracksSortJob } from '../../workloads/tracks/sort-job.ts';
import { tracksJob } from '../../workloads/tracks/tracks-job.ts';
import { type RecordedRequest, requestIn } from './request.ts';

/** A session of `millrace tracks` that has work left to do. */
export interface LeftBehind {
  readonly record: SessionRecord;
  readonly request: RecordedRequest;
}

/** Sessions of the command that no living host coordinates, and sorts whose tracks were never begun; newest first each. */
export async function leftBehind(store: Store): Promise<LeftBehind[]> {
  const orphans = await store.listSessions({ orphaned: true, limit: most });
  return [...orphans.flatMap(withRequest), ...(await finishedSorts(store))];
}

const most = 1_000;

/** Sorts that completed before their host could begin with the tracks: no newer session makes tracks into the same folder. */
export async function finishedSorts(store: Store): Promise<LeftBehind[]> {
  const sorts = await store.listSessions({ job: tracksSortJob.name, limit: most });
  const made = new Map<string, number>();
  for (const record of await store.listSessions({ job: tracksJob.name, limit: most })) {
    for (const { request } of withRequest(record)) {
      made.set(request.out, Math.max(made.get(request.out) ?? 0, record.createdAt));
    }
  }
  const newest = new Set<string>();
  return sorts.flatMap(withRequest).filter(({ record, request: { out } }) => {
    const isNewest = !newest.has(out);
    newest.add(out);
    return isNewest && record.state === 'completed' && (made.get(out) ?? 0) < record.createdAt;
  });
}

/** Deletes the completed sessions of earlier runs into the same folder: their outputs have been replaced. */
export async function dropSuperseded(engine: Engine, out: string, sessionId: string, sorted: boolean): Promise<void> {
  const { store } = engine;
  const [tracks, sorts] = await Promise.all(
    [tracksJob, tracksSortJob].map(async ({ name }) => {
      const records = await store.listSessions({ job: name, limit: most });
      return records.flatMap(withRequest).flatMap(({ record, request }) => (request.out === out ? [record] : []));
    }),
  );
  const before = [...(tracks ?? []).filter(({ id }) => id !== sessionId), ...(sorts ?? []).slice(sorted ? 1 : 0)];
  for (const { id, state } of before) if (state === 'completed') await engine.prune({ id });
}

/** The session with its request, as a list of one; of none when it is not the command's. */
export function withRequest(record: SessionRecord): LeftBehind[] {
  if (record.job !== tracksJob.name && record.job !== tracksSortJob.name) return [];
  const request = requestIn(decode(record.input));
  return request ? [{ record, request }] : [];
}

/** Whether a session completed and its host died before the last output, the summary, was in its place. */
export function lacksOutputs({ record, request }: LeftBehind): boolean {
  if (record.job !== tracksJob.name || record.state !== 'completed') return false;
  if (!planOptions(request.options).formats.includes('summary')) return false;
  const summary = statSync(join(request.out, 'summary.json'), { throwIfNoEntry: false });
  return summary === undefined || summary.mtimeMs < (record.startedAt ?? 0);
}
