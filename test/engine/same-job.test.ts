import * as assert from 'uvu/assert';
import { checkSame, newSession } from '../../src/engine/session/new-session.ts';
import { byCount } from '../../src/model/chunkers.ts';
import type { OwnerId } from '../../src/model/ids.ts';
import { defineJob, type JobDefinition } from '../../src/model/job.ts';
import type { SessionRecord } from '../../src/model/records.ts';
import { defineWork, type WorkContext } from '../../src/model/work.ts';
import { suite } from '../support/suite.ts';

const test = suite('what must be the same for a resume');

/** A job whose settings hold a table. */
function tableJob(table: Float64Array): JobDefinition {
  const work = defineWork({
    each: (item: number, { settings }: WorkContext<{ table: Float64Array }>) => (settings.table[0] ?? 0) * item,
  });
  return defineJob(work, { name: 'table', source: () => [1], chunk: byCount(1), settings: { table } }).definition;
}

async function stored(job: JobDefinition): Promise<SessionRecord> {
  const session = await newSession(job, null, {}, { owner: () => 'host' as OwnerId, notifies: false });
  // Some drivers give bytes as Buffers.
  return { ...session, settings: Buffer.from(session.settings as Uint8Array) } as unknown as SessionRecord;
}

test('settings with typed arrays are compared by their bytes', async () => {
  const record = await stored(tableJob(new Float64Array([1, 2])));
  await checkSame(record, tableJob(new Float64Array([1, 2])), null);
  const refusal: unknown = await checkSame(record, tableJob(new Float64Array([1, 3])), null).catch((error: unknown) => error);
  assert.is((refusal as { code?: string } | undefined)?.code, 'JOB_CHANGED');
});

test.run();
