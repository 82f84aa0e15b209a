import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { createEngine } from '../../../src/index.ts';
import type { ExecutorName } from '../../../src/model/job.ts';
import { runTracks, tracksJobs } from '../../../src/workloads/tracks/run-tracks.ts';
import { suite } from '../../support/suite.ts';
import { tracksWorld } from './tracks-world.ts';

const test = suite('tracks on the engine');

/** Four months, so that the samples leave rows out, with pauses and a place that is left and come back to. */
const rows = Array.from(
  { length: 20_000 },
  (_, i) => `${1_000_000_000 + i * 500 + (i % 50 === 0 ? 300 : 0)},${(i % 700) / 1e4},179.99${i % 10},${i % 9}`,
);
const late = [...rows];
late.splice(9_050, 0, ...late.splice(9_020, 1));
const csv = (lines: readonly string[]) => `timestamp,lat,lon,ele\n${lines.join('\n')}\n`;

for (const executor of ['inline', 'threads'] as const satisfies readonly ExecutorName[]) {
  test(
    `${executor}: writes the same bytes as one thread in one piece, also after sorting`,
    async () => {
      using world = tracksWorld();
      await using engine = await createEngine({ jobs: [...tracksJobs], executor, ...(executor === 'threads' && { workers: 2 }) });
      const expected = await world.run([world.file('one.csv', csv(rows))], { chunk: 'all', gap: '8m' });
      for (const [name, lines] of Object.entries({ ordered: rows, late, reversed: [...rows].reverse() })) {
        const out = join(world.folder, `${executor}-${name}`);
        const stages: string[] = [];
        const options = { gap: '8m', formats: ['json', 'geojson', 'gpx', 'summary', 'report'], sortMemory: 65_536 } as const;
        const report = await runTracks(
          engine,
          { files: [world.file(`${name}.csv`, csv(lines))], out, options },
          { onSession: (_, stage) => stages.push(stage) },
        );
        const read = (file: string) => readFileSync(join(out, file), 'utf8');
        assert.equal(
          { json: read('tracks.json'), geojson: read('tracks.geojson'), gpx: read('tracks.gpx') },
          expected.outputs,
          name,
        );
        assert.equal(stages, { ordered: ['tracks'], late: ['tracks', 'sort', 'tracks'], reversed: ['sort', 'tracks'] }[name]);
        assert.is(JSON.parse(read('summary.json')).rows, rows.length);
        assert.is(report.tracks.length, expected.tracks.length);
        assert.equal(readdirSync(out).sort(), ['report.html', 'summary.json', 'tracks.geojson', 'tracks.gpx', 'tracks.json']);
      }
    },
    { timeoutMs: 60_000 },
  );
}

test.run();
