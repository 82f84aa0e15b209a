import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { sqlite } from '../../../src/adapters/stores/sqlite.ts';
import type { OwnerId } from '../../../src/model/ids.ts';
import { suite } from '../../support/suite.ts';

const test = suite('the locks beside an SQLite store');

const script = fileURLToPath(new URL('./store-process.ts', import.meta.url));

let folder = '';
test.each.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-locks-'));
});
test.each.after(() => rm(folder, { recursive: true, force: true }));

test(
  'of a host that died goes when another one looks, also when its lease ran out long before',
  async () => {
    const path = join(folder, 'store.db');
    const child = fork(script, [path, 'victim', 'no session'], { execArgv: ['--import', 'tsx'] });
    await once(child, 'message');
    assert.equal(await readdir(`${path}.owners`), ['victim.lock']);
    const inAnHour = { now: () => Date.now() + 3_600_001, after: () => () => undefined };
    const store = sqlite(path, { clock: inAnHour });
    await store.open();
    await store.listSessions({ orphaned: true, limit: 1 });
    assert.equal(await readdir(`${path}.owners`), ['victim.lock'], 'its process lives, and holds it');
    child.kill('SIGKILL');
    await once(child, 'exit');
    await store.listSessions({ orphaned: true, limit: 1 });
    assert.equal(await readdir(`${path}.owners`), []);
    await store.close();
  },
  { timeoutMs: 60_000 },
);

test('of a host that died before it was registered goes later, and that of one that is just starting is left alone', async () => {
  const path = join(folder, 'store.db');
  const store = sqlite(path);
  await store.open();
  await store.registerOwner('me' as OwnerId, 60_000);
  const lock = join(`${path}.owners`, 'starting.lock');
  await writeFile(lock, '', { mode: 0o600 });
  await store.listSessions({ orphaned: true, limit: 1 });
  assert.equal(await readdir(`${path}.owners`), ['me.lock', 'starting.lock']);
  const aMinuteAgo = Date.now() / 1_000 - 60;
  await utimes(lock, aMinuteAgo, aMinuteAgo);
  await store.listSessions({ orphaned: true, limit: 1 });
  assert.equal(await readdir(`${path}.owners`), ['me.lock']);
  await store.close();
});

test.run();
