import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/create-engine.ts';
import type { Engine } from '../../src/engine/api/api.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { MillraceError } from '../../src/model/errors.ts';
import { defineJob } from '../../src/model/job.ts';
import { type Work, workModule } from '../../src/model/work.ts';
import { actsJob, itemsOf } from '../fixtures/acts-job.ts';
import { collect } from '../support/engine-world.ts';
import { suite } from '../support/suite.ts';

/** Work modules that can't be loaded. Null: there is no file. */
const modules: Readonly<Record<string, readonly [text: string | null, message: RegExp]>> = {
  'throws at its import': ["throw new Error('the database is not there');", /the database is not there/],
  'imports what is not there': ["import './not-there.mjs';", /not-there/],
  'has a syntax error': ['export default {', /Unexpected end of input|Unexpected/],
  'exports nothing by default': ['export const each = () => 1;', /default/],
  'exports no work': ['export default 42;', /defineWork|work/],
  'is missing': [null, /is-missing\.mjs/],
};

for (const executor of ['threads', 'processes'] as const) {
  const test = suite(`work modules that can not be loaded, in ${executor}`);
  let folder = '';
  let engine: Engine | undefined;
  const broken = Object.entries(modules).map(([what, [text, message]]) => ({
    what,
    text,
    message,
    name: what.replaceAll(' ', '-'),
  }));
  const jobOf = (name: string) =>
    defineJob(workModule<Work<number, number, undefined, never>>(pathToFileURL(join(folder, `${name}.mjs`))), {
      name,
      source: (count: number) => Array(count).keys(),
      chunk: byCount(1),
    });

  test.before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-modules-'));
    for (const { name, text } of broken) if (text !== null) await writeFile(join(folder, `${name}.mjs`), text);
    engine = await createEngine({ jobs: [actsJob, ...broken.map(({ name }) => jobOf(name))], executor, workers: 1 });
  });
  test.after(async () => {
    await engine?.close();
    await rm(folder, { recursive: true, force: true });
  });

  for (const { what, name, message } of broken) {
    test(`a module that ${what} fails the start, and nothing is recorded`, async () => {
      const host = engine as Engine;
      const thrown: unknown = await host.start(jobOf(name), 3).catch((error: unknown) => error);
      assert.instance(thrown, MillraceError);
      assert.is((thrown as MillraceError).code, 'WORK_MODULE');
      assert.match((thrown as MillraceError).message, message);
      assert.equal(await collect(host.sessions({ job: name })), []);
    });
  }

  test('afterwards the host runs healthy sessions as before', async () => {
    assert.equal((await (engine as Engine).run(actsJob, 'h')).result, itemsOf('h'));
  });
  test.run();
}
