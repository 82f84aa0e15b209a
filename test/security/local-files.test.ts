import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { sqlite } from '../../src/adapters/stores/sqlite.ts';
import { lazyFolder } from '../../src/adapters/worker/temp-folder.ts';
import { createEngine } from '../../src/create-engine.ts';
import { byCount } from '../../src/model/chunkers.ts';
import type { OwnerId } from '../../src/model/ids.ts';
import { defineJob } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { openWorkFolder } from '../../src/workloads/output/work-folder.ts';
import { inspectFile } from '../../src/workloads/tracks/inspect-file.ts';
import { planOptions } from '../../src/workloads/tracks/options.ts';
import { suite } from '../support/suite.ts';
import { inFolder } from './support.ts';

const test = suite('files of Millrace are for their owner only, whatever the umask');

const notHere = process.platform === 'win32' ? 'Windows has no such modes' : undefined;

/** With every bit allowed: only what a mode is asked for counts. */
async function underOpenUmask(body: (folder: string) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const before = process.umask(0);
    try {
      await body(folder);
    } finally {
      process.umask(before);
    }
  });
}

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test.unless(notHere, 'a store, its log, and the locks of its hosts', () =>
  underOpenUmask(async (folder) => {
    const file = join(folder, 'runs.db');
    const store = sqlite(file);
    await store.open();
    await store.registerOwner('host' as OwnerId, 30_000);
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, name);
      assert.is(modeOf(path), statSync(path).isDirectory() ? '700' : '600', name);
    }
    assert.ok(readdirSync(folder).length >= 3);
    await store.close();
  }),
);

test.unless(notHere, 'the temp folder of a session, which is gone afterwards', () =>
  underOpenUmask(async () => {
    const seen: string[] = [];
    const modes: string[] = [];
    const work = defineWork({
      each: async (_: number, { tempDir }) => {
        const folder = await tempDir();
        writeFileSync(join(folder, 'file'), 'x');
        seen.push(folder);
        modes.push(modeOf(folder), modeOf(join(folder, '..')));
      },
    });
    const job = defineJob(work, { name: 'folders', source: () => [1, 2], chunk: byCount(1) });
    const host = await createEngine({ jobs: [job], executor: 'inline' });
    await host.run(job, null);
    await host.close();
    assert.equal(modes, ['700', '700', '700', '700']);
    assert.not.ok(seen.some(existsSync));
  }),
);

test.unless(notHere, 'what tracks unpacks and sorts', () =>
  underOpenUmask(async (folder) => {
    const packed = join(folder, 'history.csv.gz');
    writeFileSync(packed, gzipSync('timestamp,lat,lon\n2025-01-01T00:00:00Z,1,1\n'));
    const work = await openWorkFolder([packed], join(folder, 'out'), planOptions());
    const { file } = await inspectFile(packed, work, 0);
    assert.equal([work, join(work, '..'), file].map(modeOf), ['700', '700', '600']);
  }),
);

test.unless(notHere, 'a folder for temp files that others can write to, or that is a link, is refused', () =>
  inFolder(async (folder) => {
    const open = join(folder, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    symlinkSync(open, join(folder, 'link'));
    for (const root of [open, join(folder, 'link')]) {
      const error = await lazyFolder(join(root, 'session.1'))().then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      assert.match(error?.message ?? 'none', `${root}, is not this user's alone`);
    }
    chmodSync(open, 0o1777);
    assert.ok(await lazyFolder(join(open, 'session.1'))());
  }),
);

test.unless(
  notHere,
  'a store behind a link that leads nowhere is refused: what it leads to would be made for everybody to read',
  () =>
    inFolder(async (folder) => {
      symlinkSync(join(folder, 'elsewhere.db'), join(folder, 'runs.db'));
      const error = await sqlite(join(folder, 'runs.db'))
        .open()
        .then(
          () => undefined,
          (thrown: Error) => thrown,
        );
      assert.match(error?.message ?? 'none', 'link to a file that is not there');
      assert.not.ok(existsSync(join(folder, 'elsewhere.db')));
    }),
);

test.run();
