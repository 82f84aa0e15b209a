import { resolve } from 'node:path';
import type { ExecutorName } from '../../model/job.ts';
import { checkReadable } from '../../workloads/tracks/inspect-file.ts';
import type { TracksOptions } from '../../workloads/tracks/options.ts';
import { outputFormats } from '../../workloads/tracks/outputs/shapes.ts';
import { tracksJobs } from '../../workloads/tracks/run-tracks.ts';
import { defineCommand } from '../arguments/command.ts';
import { flag, oneOf, someOf, text, wholeNumber } from '../arguments/options.ts';
import { duration, durationOr, executor, metres, metresOrOff, workers } from '../arguments/units.ts';
import { UsageError } from '../arguments/usage-error.ts';
import type { ExitCode } from '../exit-code.ts';
import { openRunStore } from '../store/run-store.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { shellWord } from '../terminal/words.ts';
import { runDaily } from '../tracks/daily/run-daily.ts';
import { giveUp } from '../tracks/give-up.ts';
import { leftBehind } from '../tracks/left-behind.ts';
import { makeTracks, tellTracks } from '../tracks/make-tracks.ts';
import { checkSameRequest, type RecordedRequest, recordRequest } from '../tracks/request.ts';
import { type Running, withEngine } from '../with-engine.ts';

const options = {
  gap: duration('1ms', 'A longer time between two points begins a new track (default 30m)'),
  jump: metresOrOff('A longer way between two points begins a new track (default 500m)'),
  rule: oneOf(['or', 'and'], 'Whether one of gap and jump is enough, or both are needed (default or)'),
  device: text('COLUMN', 'Tell devices apart by this column of CSV; other formats name theirs themselves (default: one history)'),
  'split-day': text('ZONE', 'A new track begins with each calendar day of this zone, such as Europe/Zurich (default: never)'),
  'min-points': wholeNumber('N', 1, 1_000_000, 'Tracks of fewer points are dropped (default 2)'),
  dedupe: oneOf(['exact', 'none'], 'Drop points equal in time and place to an earlier one (default exact)'),
  'max-speed': wholeNumber(
    'M/S',
    1,
    1_000_000,
    'Drop points that could only be reached and left faster than this (default: none)',
  ),
  'dwell-time': durationOr(
    'off',
    '1ms',
    'Split where somebody stayed for so long, and drop the points of the stay (default: off)',
  ),
  'dwell-radius': metres('How far from the middle of a stay points may lie (default 50m)'),
  simplify: metresOrOff('Leave points out of the paths that lie no further than this from the line (default off)'),
  chunk: durationOr('all', '1ms', 'Range of time that a worker takes; changes speed, never results (default 1d)'),
  mode: oneOf(
    ['bulk', 'incremental', 'daily'],
    'Whether all is computed, or only what changed since the run before into this folder; daily: that again and again, for many users (default bulk)',
  ),
  cron: text('PATTERN', 'daily: when, as minute, hour, day, month, weekday (default what the config says, else 0 */4 * * *)'),
  zone: text('ZONE', 'daily: whose clocks are meant (default what the config says, else UTC)'),
  once: flag('daily: run once, now, and end: for a cron of your own'),
  formats: someOf(outputFormats, `Outputs to write, of ${outputFormats.join(',')} (default all)`),
  workers,
  executor,
  store: text('STORE', 'Where the run is kept: sqlite:FILE, a folder, or memory (default the output folder)'),
  out: text('DIR', 'Folder for the outputs (default tracks)'),
  fresh: flag('Give up a run that was interrupted in this folder, and begin anew'),
} as const;

/** `millrace tracks`: makes tracks of location histories. */
export const command = defineCommand({
  name: 'tracks',
  summary: 'Makes tracks of GPS histories: tracks.json, tracks.geojson, tracks.gpx, summary.json, report.html.',
  operands: 'FILE...',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  options,
  notes: [
    'FILE is CSV with the columns timestamp, lat, lon and perhaps ele; GPX, KML, TCX, FIT, PLT, GeoJSON, OwnTracks, or a location history of Google; plain or packed by gzip. Several files are one history.',
    'Called again after an interruption, it goes on where it was; so does millrace resume DIR.',
    '--mode daily takes one FILE: a config of users, or a folder with a folder for each. See docs/schedules.md.',
  ],
  examples: [
    'millrace tracks history.csv',
    'millrace tracks --gap 5m --jump 200m --out walks phone-2024.csv.gz phone-2025.csv.gz',
    'millrace tracks *.gpx Records.json',
    'millrace tracks --mode daily users.json --out tracks-of-users',
    'millrace tracks --jump off --chunk 7d --workers 4 --json history.csv',
  ],
  async run({ operands, options: given, terminal }) {
    const out = given.out ?? 'tracks';
    if (given.mode === 'daily') return callDaily(operands, given, terminal);
    for (const name of ['cron', 'zone', 'once'] as const)
      if (given[name] !== undefined) throw new UsageError(`--${name} is for --mode daily.`);
    const request = await recordRequest(operands, out, tracksOptions({ ...given, mode: given.mode }));
    for (const file of operands) await checkReadable(file, given.device);
    const { store, name } = await openRunStore(given.store, out, terminal);
    if (given.mode === 'incremental' && !store.supports.durable) {
      throw new UsageError(
        '--mode incremental needs a store that lasts: it takes what the run before has left there. Leave out --store, or name a file.',
      );
    }
    let takenUp = false;
    const hint = (begun: boolean): string => {
      if (!begun && !takenUp) return 'Nothing had been started.';
      return name === null ? 'The run was kept in memory only: start it again.' : `To go on: millrace resume ${shellWord(name)}`;
    };
    return withEngine(
      { terminal, store, jobs: tracksJobs, workers: given.workers, executor: given.executor, hint },
      async (running) => {
        takenUp = await takeUp(running, request, given.fresh === true);
        if (takenUp) terminal.note(`Going on with the run that was interrupted in ${out}.`);
        return tellTracks(terminal, await makeTracks(running, request), name);
      },
    );
  },
});

type Given = Readonly<Partial<Record<keyof typeof options, unknown>>> & {
  readonly [Name in 'gap' | 'jump' | 'device' | 'rule' | 'dedupe' | 'simplify' | 'chunk' | 'formats']?: TracksOptions[Name];
} & {
  readonly mode?: TracksOptions['mode'] | undefined;
  readonly 'min-points'?: number;
  readonly 'split-day'?: string;
  readonly 'max-speed'?: number;
  readonly 'dwell-time'?: number | 'off';
  readonly 'dwell-radius'?: number;
};

function tracksOptions({ mode, gap, jump, device, rule, dedupe, chunk, formats, ...rest }: Given): TracksOptions {
  const minPoints = rest['min-points'];
  const splitDay = rest['split-day'];
  const maxSpeed = rest['max-speed'];
  const { 'dwell-time': dwellTime, 'dwell-radius': dwellRadius, simplify } = rest;
  const dwell = { dwellTime, dwellRadius };
  const chosen = { mode, gap, jump, device, rule, splitDay, minPoints, dedupe, maxSpeed, ...dwell, simplify, chunk, formats };
  // What was not given is left out: the workload has the defaults.
  return Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined));
}

/** `--mode daily`: users with settings of their own, for which those of the command stand in. */
async function callDaily([place = '', ...others]: readonly string[], given: DailyGiven, terminal: Terminal): Promise<ExitCode> {
  if (others.length > 0) throw new UsageError('--mode daily takes one config of users, or one folder with a folder for each.');
  if (given.fresh) throw new UsageError('--fresh is not for --mode daily: what is not to be gone on with is given up by itself.');
  const { out = 'tracks', store, cron, zone, once = false, workers: count, executor: where } = given;
  const defaults = tracksOptions({ ...given, mode: 'incremental' });
  return runDaily({ terminal, place, defaults, out, store, cron, zone, once, workers: count, executor: where });
}

type DailyGiven = Omit<Given, 'mode'> & {
  readonly fresh?: true;
  readonly out?: string;
  readonly store?: string;
  readonly cron?: string;
  readonly zone?: string;
  readonly once?: true;
  readonly workers?: number | 'auto';
  readonly executor?: ExecutorName;
};

/** Whether there is an interrupted run in the folder to go on with: it must be the same, or is given up. */
async function takeUp({ engine }: Running, request: RecordedRequest, fresh: boolean): Promise<boolean> {
  const earlier = (await leftBehind(engine.store)).filter(({ request: { out } }) => out === resolve(request.out));
  for (const one of earlier) {
    if (fresh) await giveUp(engine, one);
    else checkSameRequest(one.record.id, one.request, request);
  }
  return !fresh && earlier.length > 0;
}
