import * as assert from 'uvu/assert';
import { createTerminal, type Terminal, type TerminalParts } from '../../src/cli/terminal/terminal.ts';
import { duration } from '../../src/cli/terminal/words.ts';
import type { Progress } from '../../src/engine/api/session.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';

const test = suite('millrace: terminal');

function progressOf(completed: number, total = 400, sourceEnded = true): Progress {
  return {
    status: 'running',
    paused: false,
    counts: {
      items: { total: total * 10, completed: completed * 10, failed: 0, cancelled: 0 },
      batches: { total, pending: total - completed, running: 0, completed, failed: 0, crashed: 0, cancelled: 0 },
    },
    counters: { rows: completed * 1_000 },
    sourceEnded,
    fraction: sourceEnded ? completed / total : undefined,
    itemsPerSecond: 1_234,
    etaMs: sourceEnded ? 130_000 : undefined,
  };
}

interface Seen {
  readonly terminal: Terminal;
  readonly clock: ManualClock;
  readonly out: string[];
  readonly err: string[];
}

function seen(parts: Partial<TerminalParts> & { isTTY?: boolean; columns?: number } = {}): Seen {
  const clock = manualClock();
  const out: string[] = [];
  const err: string[] = [];
  const { isTTY = false, columns = 200, ...rest } = parts;
  const stderr = { isTTY, columns, write: (text: string) => err.push(text) };
  const terminal = createTerminal({ stdout: { write: (text) => out.push(text) }, stderr, clock, env: {}, ...rest });
  return { terminal, clock, out, err };
}

test('draws one line over and over on a terminal, at most ten times a second', async () => {
  const { terminal, clock, err } = seen({ isTTY: true, env: { NO_COLOR: '1' } });
  const display = terminal.progress('tracks');
  for (let step = 0; step < 100; step++) {
    display.update(progressOf(step));
    await clock.advance(10);
  }
  assert.ok(err.length >= 9 && err.length <= 11, `${err.length} in a second`);
  display.update(progressOf(100));
  await clock.advance(100);
  assert.is(err.at(-1), `\r\u001b[Ktracks   25%  ${'█'.repeat(6)}${'░'.repeat(18)}  1,234 items/s  100/400 batches  2m 10s left`);
  display.stop();
  assert.is(err.at(-1), '\r\u001b[K', 'it leaves no half line behind');
});

test('keeps colours to terminals without NO_COLOR, and lines to their width', async () => {
  for (const [env, coloured] of [
    [{}, true],
    [{ NO_COLOR: '1' }, false],
  ] as const) {
    const { terminal, clock, err } = seen({ isTTY: true, env, columns: 40 });
    terminal.progress('tracks').update(progressOf(200));
    await clock.advance(150);
    const line = err.at(-1) ?? '';
    assert.is(line.includes('\u001b[36m'), coloured);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    assert.is(line.replaceAll(/\r|\u001b\[[\dK]+m?/g, '').length, 39);
  }
});

test('writes one line at the start and every 10 s where there is no terminal, with the speed of what the work counts', async () => {
  const { terminal, clock, err } = seen();
  const display = terminal.progress('tracks', 'rows');
  display.update(progressOf(0));
  for (let second = 1; second <= 25; second++) {
    display.update(progressOf(second, 400, second > 12));
    await clock.advance(1_000);
  }
  display.stop();
  assert.equal(err, [
    'progress  tracks  started\n',
    'progress  tracks  ?%  1,000 rows/s  10/400+ batches\n',
    'progress  tracks  5%  1,000 rows/s  20/400 batches  2m 10s left\n',
  ]);
});

test('puts lines above the bar, answers on stdout, and nothing but errors on stderr when quiet', async () => {
  const loud = seen({ isTTY: true, env: { NO_COLOR: '1' } });
  loud.terminal.progress('tracks').update(progressOf(1));
  await loud.clock.advance(1);
  const bar = (loud.err.at(-1) ?? '').slice('\r\u001b[K'.length);
  loud.terminal.note('a note');
  assert.is(loud.err.at(-1), `\r\u001b[Ka note\n${bar}`);

  const quiet = seen({ quiet: true, json: true });
  quiet.terminal.progress('tracks').update(progressOf(1));
  await quiet.clock.advance(60_000);
  quiet.terminal.note('a note');
  quiet.terminal.complain('an error');
  quiet.terminal.answer({ list: Float64Array.of(1.5, 2), none: undefined }, () => 'text');
  assert.equal(quiet.err, ['an error\n']);
  assert.equal(JSON.parse(quiet.out.join('')), { list: [1.5, 2] });
});

test('writes log lines that grep finds: time, level, message, then facts', () => {
  const { terminal, err } = seen({ logLevel: 'warn' });
  const logger = terminal.logger.child({ session: 'f00-1' });
  logger.info({ chunks: 3 }, 'session resumed');
  logger.warn({ batch: 7, error: 'no "text"\nhere', taskId: 'job:key#7', gone: undefined }, 'batch failed');
  assert.is(err.length, 1);
  assert.match(
    err[0] ?? '',
    /^\d{4}-\d\d-\d\dT[\d:.]+Z warn batch failed session=f00-1 batch=7 error="no \\"text\\"\\nhere" taskId=job:key#7\n$/,
  );
});

test('says an error again in the same words only the 10th, 100th, ... time', () => {
  const { terminal, err } = seen();
  for (let time = 1; time <= 99; time++) {
    terminal.logger.error({ error: 'disk full', retryInMs: time }, 'store write failed');
    terminal.logger.error({ batch: time }, 'other');
  }
  const failed = err.filter((line) => line.includes('store write failed'));
  assert.equal(
    failed.map((line) => line.slice(line.indexOf('error store'))),
    [
      'error store write failed error="disk full" retryInMs=1\n',
      'error store write failed error="disk full" retryInMs=10 times=10\n',
    ],
  );
  assert.is(err.length, 2 + 99);
});

test('says lengths of time as people do', () => {
  const spoken = [3, 999, 1_000, 9_940, 9_960, 59_400, 59_600, 130_000, 3_599_700, 11_100_000, 190_000_000].map(duration);
  assert.equal(spoken, ['3 ms', '999 ms', '1.0 s', '9.9 s', '10 s', '59 s', '1m 00s', '2m 10s', '1h 00m', '3h 05m', '2d 4h']);
});

test.run();
