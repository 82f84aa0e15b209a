import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';

const test = suite('leftovers');

const host = fileURLToPath(new URL('../fixtures/leftovers-host.ts', import.meta.url));

interface Left {
  readonly resources: readonly string[];
  readonly folders: readonly string[];
  readonly made: number;
  readonly waiting: string;
}

for (const executor of ['threads', 'processes'])
  test(
    `after the end no handle, timer, worker, temp folder or lock is left, and the process ends by itself: ${executor}`,
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'millrace-leftovers-'));
      try {
        const run = promisify(execFile)(process.execPath, ['--import', 'tsx', host, join(folder, 'runs.db'), executor], {
          timeout: 45_000,
        });
        const left = JSON.parse((await run).stdout) as Left;
        assert.equal(left.resources, []);
        assert.is(left.made, 2, 'one folder for each of two sessions');
        assert.equal(left.folders, []);
        assert.is(left.waiting, 'ENGINE_CLOSED');
        const files = await readdir(folder, { recursive: true });
        assert.equal(
          files.filter((file) => !file.startsWith('runs.db') || file.includes('.owners/')),
          [],
        );
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    { timeoutMs: 60_000 },
  );

test.run();
