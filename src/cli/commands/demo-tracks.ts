import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeDemoTracks } from '../../workloads/tracks/demo/write-demo-tracks.ts';
import { defineCommand } from '../arguments/command.ts';
import { text, wholeNumber } from '../arguments/options.ts';
import { exitCodes } from '../exit-code.ts';
import { number, shellWord } from '../terminal/words.ts';

/** `millrace demo tracks`: writes an invented history. */
export const command = defineCommand({
  name: 'demo tracks',
  summary: 'Writes the GPS history of an invented phone as CSV, with the flaws of real exports.',
  operands: '',
  minOperands: 0,
  maxOperands: 0,
  options: {
    days: wholeNumber('N', 1, 36_500, 'Days of history (default 365)'),
    seed: wholeNumber('N', 0, 2 ** 32 - 1, 'The same seed gives the same bytes, on every machine (default 1)'),
    'points-per-day': wholeNumber('N', 100, 5_000, 'Rows a day on average, roughly (default 3000)'),
    out: text('FILE', 'The file to write; one that is there is replaced (default demo.csv)'),
  },
  examples: ['millrace demo tracks --days 365 --seed 1 --out demo.csv', 'millrace tracks demo.csv --out tracks'],
  async run({ options, terminal }) {
    const out = options.out ?? 'demo.csv';
    const pointsPerDay = options['points-per-day'];
    mkdirSync(dirname(out), { recursive: true });
    const { rows, bytes } = await writeDemoTracks({
      out,
      days: options.days ?? 365,
      seed: options.seed ?? 1,
      ...(pointsPerDay !== undefined && { pointsPerDay }),
    });
    terminal.answer(
      { out, rows, bytes },
      () => `${out}: ${number(rows)} rows, ${number(bytes)} bytes. Now: millrace tracks ${shellWord(out)}\n`,
    );
    return exitCodes.complete;
  },
});
