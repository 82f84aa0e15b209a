import * as assert from 'uvu/assert';
import { createEngine } from '../../../src/create-engine.ts';
import { InvalidOptionError } from '../../../src/model/errors.ts';
import {
  createUserSettings,
  runTracks,
  type TracksOptions,
  type TracksPlan,
  tracksJobs,
  type WorkloadSession,
} from '../../../src/tracks.ts';
import { suite } from '../../support/suite.ts';
import { tracksWorld } from './tracks-world.ts';

const test = suite('settings of users');

const day = 86_400_000;

test('are read once for all who ask, kept, and read again for a user who was not asked for lately', async () => {
  const asked: string[] = [];
  const settings = createUserSettings(
    async (user) => {
      asked.push(user);
      return { gap: '5m' };
    },
    { max: 2, keepMs: day },
  );
  const answers = await Promise.all([settings('ann'), settings('ann'), settings('bob')]);
  assert.equal(answers, [{ gap: '5m' }, { gap: '5m' }, { gap: '5m' }]);
  await settings('ann');
  assert.equal(asked, ['ann', 'bob']);
  await settings('cem');
  await settings('bob');
  assert.equal(asked, ['ann', 'bob', 'cem', 'bob']);
});

test('of more users than are kept, asked for at once, are all answered', async () => {
  const settings = createUserSettings(async (user) => ({ device: user }), { max: 2 });
  const users = ['ann', 'bob', 'cem', 'dan', 'eve'];
  assert.equal(
    await Promise.all(users.map(settings)),
    users.map((device) => ({ device })),
  );
});

test('that can not be read, or can not be, are told, and asked for again', async () => {
  let given: TracksOptions | undefined;
  const settings = createUserSettings(() => {
    if (given) return given;
    throw new Error('no database');
  });
  const refusal = async () => settings('ann').then(String, (thrown: unknown) => thrown);
  assert.match(((await refusal()) as Error).message, 'no database');
  given = { gap: -1 };
  assert.instance(await refusal(), InvalidOptionError);
  given = { gap: '5m' };
  assert.equal(await settings('ann'), { gap: '5m' });
});

test('are noted by the session that began with them, and what a user changes later changes nothing in it', async () => {
  using world = tracksWorld();
  const file = world.file('a.csv', 'time,lat,lon\n0,1,2\n400,1,2\n');
  const own: TracksOptions = { gap: '5m', dwellTime: '2m' };
  const settings = createUserSettings(() => own);
  const options = await settings('ann');
  own.gap = '10m';
  await using engine = await createEngine({ jobs: tracksJobs });
  let state: ReturnType<WorkloadSession<unknown, unknown>['state']> | undefined;
  await runTracks(
    engine,
    { files: [file], options, user: 'ann' },
    {
      onSession(session) {
        state = session.state();
      },
    },
  );
  const metadata = (await state)?.metadata ?? {};
  const noted = metadata.settings as TracksPlan | undefined;
  assert.equal([metadata.user, noted?.rules.gapMs, noted?.dwell?.timeMs], ['ann', 300_000, 120_000]);
});

test.run();
