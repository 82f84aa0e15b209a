import { healthOf } from '../../engine/notify/health.ts';
import { defineCommand } from '../arguments/command.ts';
import { wholeNumber } from '../arguments/options.ts';
import { duration } from '../arguments/units.ts';
import { exitCodes } from '../exit-code.ts';
import { withStore } from '../queries/with-store.ts';
import { facts, duration as inWords, number } from '../terminal/words.ts';

/** `millrace health`: how the work of the last hour went. */
export const command = defineCommand({
  name: 'health',
  summary: 'Tells how the work of the last hour went, with a verdict; ends with 1 on an alert.',
  operands: 'STORE',
  minOperands: 1,
  maxOperands: 1,
  options: {
    within: duration('1s', 'How far back to look (default 1h)'),
    'crash-percent': wholeNumber('N', 0, 100, 'More crashed attempts than this are an alert, in percent (default 5)'),
    'stuck-after': duration('1s', 'A batch that runs longer is stuck (default 1h)'),
    'waiting-after': duration('1s', 'Work that could run and waits longer is an alert (default: none)'),
  },
  notes: [
    'Attempts that were handed back or cancelled are not counted. A batch whose host died is stuck until a host takes it up.',
  ],
  examples: ['millrace health sqlite:runs.db', 'millrace health tracks --within 15m --crash-percent 1 --json'],
  async run({ operands: [name = ''], options, terminal }) {
    const { within, 'crash-percent': percent, 'stuck-after': stuckAfter, 'waiting-after': waitingAlert } = options;
    return withStore(name, async (store) => {
      const health = await healthOf(store, {
        ...(within !== undefined && { within }),
        ...(percent !== undefined && { crashRateAlert: percent / 100 }),
        ...(stuckAfter !== undefined && { stuckAfter }),
        ...(waitingAlert !== undefined && { waitingAlert }),
      });
      const part = (count: number, rate: number): string => `${number(count)} (${(100 * rate).toFixed(1)} %)`;
      terminal.answer(health, () =>
        facts([
          ['verdict', health.verdict],
          ...health.alerts.map((alert) => ['alert', alert] as const),
          ['looked at', `the last ${inWords(health.withinMs)}`],
          ['attempts', number(health.total)],
          ['completed', part(health.completed, health.completedRate)],
          ['failed', part(health.failed, health.failedRate)],
          ['crashed', part(health.crashed, health.crashedRate)],
          ['running now', number(health.running)],
          ['stuck', number(health.stuck)],
        ]),
      );
      return health.verdict === 'alert' ? exitCodes.withFailures : exitCodes.complete;
    });
  },
});
