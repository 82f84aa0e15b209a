import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { byCount } from '../../src/model/chunkers.ts';
import { defineJob } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { openWorld } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';

const test = suite('the temp folders of sessions');

test('lie in a folder of the user alone: one that another user made could not be entered', async () => {
  const folders: string[] = [];
  const work = defineWork({ each: async (_: number, { tempDir }) => void folders.push(await tempDir()) });
  const job = defineJob(work, { name: 'folder', source: () => [1], chunk: byCount(1) });
  const { engine } = await openWorld([job]);
  await engine.run(job, null);
  await engine.close();
  const uid = process.getuid?.();
  assert.equal(folders.map(dirname), [join(tmpdir(), uid === undefined ? 'millrace' : `millrace-${uid}`)]);
});

test.run();
