import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { shadow } from '../../../../src/adapters/stores/shadow.ts';
import { sqlite } from '../../../../src/adapters/stores/sqlite.ts';
import { suite } from '../../../support/suite.ts';
import { inWords, recount } from './recount.ts';

const test = suite('a host that is killed between its store and the copy');
const fixture = fileURLToPath(new URL('../../../fixtures/shadow-host.ts', import.meta.url));

for (const when of ['before', 'after'] as const) {
  test(
    `leaves a difference that is listed, mended, and in no host's way (${when} the write)`,
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'millrace-shadow-'));
      try {
        const [old, other] = [join(folder, 'old.db'), join(folder, 'new.db')];
        const ended = spawnSync(process.execPath, ['--import', 'tsx', fixture, old, other, '5', when], {
          encoding: 'utf8',
          timeout: 60_000,
        });
        assert.is(ended.signal, 'SIGKILL', ended.stderr);
        const store = shadow(sqlite(old), sqlite(other));
        await store.open();
        const [comparison, counted] = [await store.compare({ limit: 1_000_000 }), await recount(old, other)];
        assert.ok(counted.differences.length > 0);
        assert.equal(inWords(comparison.differences), counted.differences);
        // Its lock died with it: nobody waits for its lease.
        assert.is((await store.status()).hosts, 0);
        await store.repair();
        assert.equal((await recount(old, other)).differences, []);
        assert.is((await store.promote()).stage, 'primary');
        await store.close();
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    { timeoutMs: 60_000 },
  );
}

test.run();
