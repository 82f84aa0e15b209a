import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { sqlite } from '../../src/adapters/stores/sqlite.ts';
import { command as sessions } from '../../src/cli/commands/sessions.ts';
import { command as show } from '../../src/cli/commands/show.ts';
import { tellOutcome } from '../../src/cli/outcome-answer.ts';
import { printable } from '../../src/cli/terminal/printable.ts';
import { createTerminal } from '../../src/cli/terminal/terminal.ts';
import { createEngine } from '../../src/create-engine.ts';
import { byCount } from '../../src/model/chunkers.ts';
import { PermanentError } from '../../src/model/errors.ts';
import { defineJob } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { manualClock } from '../support/manual-clock.ts';
import { suite } from '../support/suite.ts';
import { inFolder } from './support.ts';

const test = suite('what is printed can not steer the terminal');

/** Clears the screen, sets the title, makes a link, pastes, overwrites the line, turns text around: each of these has been used. */
const attacks = [
  '\u001b[2J\u001b[H',
  '\u001b]0;title\u0007',
  '\u001b]8;;http://evil\u001b\\link',
  '\u001b]52;c;cm0gLXJm\u0007',
  '\u009b2J',
  '\u0090q\u009c',
  '\rdone, nothing failed',
  'a\u0008\u0008b',
  '\u202etxt.exe',
  '\u2066x\u2069',
  '\u2028line',
  'a\n2025-01-01T00:00:00.000Z info all is well',
  '\u0000',
  '\u007f',
];

const isObeyed = /(?!\n)[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

/** A terminal that keeps what is written, without its own status line. */
function kept(json = false) {
  const out = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({ write: (part: string) => (out[name] += part) });
  const parts = {
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    clock: manualClock(),
    env: {},
    json,
    logLevel: 'debug' as const,
  };
  return { out, terminal: createTerminal(parts) };
}

test('in answers, notes, complaints and log lines, whatever they are made of', () => {
  for (const attack of attacks) {
    const { out, terminal } = kept();
    terminal.answer(null, () => attack);
    terminal.note(attack);
    terminal.complain(attack);
    terminal.logger.child({ job: attack }).warn({ item: attack, nested: { attack } }, attack);
    assert.not.match(out.stdout, isObeyed);
    assert.not.match(out.stderr, isObeyed);
  }
});

test('a log line stays one line', () => {
  const { out, terminal } = kept();
  for (const attack of attacks) terminal.logger.info({ attack }, attack);
  assert.is(out.stderr.split('\n').length, attacks.length + 1);
});

test('as JSON it is still the same value', () => {
  const { out, terminal } = kept(true);
  terminal.answer(attacks, () => '');
  assert.not.match(out.stdout, isObeyed);
  assert.equal(JSON.parse(out.stdout), attacks);
});

test('ids, keys, messages and metadata of a stored session are shown as they are, in letters', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'runs.db');
    const work = defineWork({
      each: (item: string): string => {
        throw new PermanentError(item);
      },
    });
    const metadata = () => Object.fromEntries(attacks.map((attack, index) => [`fact ${index} ${attack}`, attack]));
    const job = defineJob(work, {
      name: 'hostile',
      source: () => attacks,
      chunk: byCount(1),
      itemId: (item) => item,
      key: () => attacks.join(),
      metadata,
    });
    const engine = await createEngine({ jobs: [job], store: sqlite(file) });
    const outcome = await engine.run(job, null);
    await engine.close();
    for (const json of [true, false]) {
      const { out, terminal } = kept(json);
      for (const command of [show, sessions]) await command.run({ operands: [`sqlite:${file}`], options: {}, terminal });
      tellOutcome(terminal, outcome);
      assert.not.match(out.stdout + out.stderr, isObeyed);
      assert.match(out.stdout, '\\u001b[2J');
      assert.is(out.stdout.split('\n').filter((line) => line.startsWith('2025-01-01')).length, 0);
    }
  }));

test('text that is harmless stays as it is', () => {
  const text = 'Łódź → 東京, مرحبا\n\tindented 👩‍🚀';
  assert.is(printable(text), text);
});

test.run();
