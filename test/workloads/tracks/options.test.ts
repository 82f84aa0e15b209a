import * as assert from 'uvu/assert';
import { InvalidOptionError } from '../../../src/model/errors.ts';
import { planOptions, type TracksOptions } from '../../../src/workloads/tracks/options.ts';
import { runTracks } from '../../../src/workloads/tracks/run-tracks.ts';
import { sequentialEngine } from '../../support/sequential-tracks-engine.ts';
import { suite } from '../../support/suite.ts';

const test = suite('options of tracks');

test('defaults are half an hour, 500 m, either of them, two points, no duplicates, day by day', () => {
  const { rules, dedupe, chunkMs } = planOptions();
  assert.equal(rules, { gapMs: 1_800_000, jumpM: 500, rule: 'or', splitDay: null, minPoints: 2 });
  assert.equal([dedupe, chunkMs], ['exact', 86_400_000]);
  assert.is(planOptions({ jump: 'off' }).rules.jumpM, null);
  assert.is(planOptions({ chunk: 'all' }).chunkMs, null);
  assert.is(planOptions({ jump: 0.5, gap: '1.5h' }).rules.gapMs, 5_400_000);
});

const impossible: Readonly<Record<string, readonly unknown[]>> = {
  gap: [0, -1, Number.NaN, '30', '30 m', '99999d', Number.POSITIVE_INFINITY, {}],
  jump: [0, -5, Number.NaN, Number.POSITIVE_INFINITY, 'far', '500'],
  rule: ['xor', ''],
  splitDay: ['Mars/Olympus', ''],
  minPoints: [0, -1, 1.5, 1e9, Number.NaN, '2'],
  dedupe: ['all', true],
  chunk: [0, -1, 0.5, '0.0001s', 'none', '99999d'],
  formats: [['csv']],
  sortMemory: [0, 1_000, 1e12, 65_536.5],
};

for (const [name, values] of Object.entries(impossible)) {
  test(`refuses an impossible ${name}, naming it`, () => {
    for (const value of values) {
      try {
        planOptions({ [name]: value } as TracksOptions);
        assert.unreachable(`${name} = ${String(value)} was taken`);
      } catch (error) {
        assert.instance(error, InvalidOptionError);
        assert.match((error as Error).message, name);
      }
    }
  });
}

test('no file is an error', async () => {
  const error = await runTracks(sequentialEngine(), { files: [] }).catch((thrown: unknown) => thrown);
  assert.instance(error, InvalidOptionError);
});

test.run();
