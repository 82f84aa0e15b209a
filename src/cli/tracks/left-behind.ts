import { statSync } from 'node:fs';
import { join } from 'node:path';
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

/** Sessions of the command that no living host coordinates, newest first. */
export async function leftBehind(store: Store): Promise<LeftBehind[]> {
  const orphans = await store.listSessions({ orphaned: true, limit: 1_000 });
  return orphans.flatMap(withRequest);
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
