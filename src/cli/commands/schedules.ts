import type { ScheduleView, TickView } from '../../engine/api/schedules.ts';
import { scheduleViews } from '../../engine/schedules/views.ts';
import { redactValue } from '../../model/redact.ts';
import { defineCommand } from '../arguments/command.ts';
import { text } from '../arguments/options.ts';
import { exitCodes } from '../exit-code.ts';
import { existingStore } from '../store/store-place.ts';
import { brief, moment, number, table } from '../terminal/words.ts';

/** `millrace schedules`: lists the schedules of a store, with their newest ticks. */
export const command = defineCommand({
  name: 'schedules',
  summary: 'Lists the schedules of a store: when each comes next, and what its newest ticks did.',
  operands: 'STORE',
  minOperands: 1,
  maxOperands: 1,
  options: { remove: text('NAME', 'Delete this schedule instead, with its ticks; its sessions stay') },
  notes: ['A host that runs a schedule stops when it is deleted.'],
  examples: ['millrace schedules tracks', 'millrace schedules sqlite:runs.db --json'],
  async run({ operands: [name = ''], options: { remove }, terminal }) {
    const store = existingStore(name);
    await store.open();
    try {
      if (remove !== undefined) {
        const removed = await store.removeSchedule(remove);
        terminal.answer({ removed }, () => (removed ? `${remove} is deleted.\n` : `${name} has no schedule ${brief(remove)}.\n`));
        return removed ? exitCodes.complete : exitCodes.usage;
      }
      const views = redactValue(await scheduleViews(store));
      terminal.answer(views, () => (views.length === 0 ? `${name} has no schedules.\n` : views.map(textOf).join('\n')));
      return exitCodes.complete;
    } finally {
      await store.close();
    }
  },
});

function textOf({ name, job, cron, zone, next, overlap, catchUp, ticks }: ScheduleView): string {
  const facts = [
    `${name}: job ${job}, ${cron} (${zone})`,
    `overlap ${overlap}`,
    `catch up ${catchUp}`,
    `next ${moment(next)} (UTC)`,
  ];
  return `${facts.join(', ')}\n${ticks.length === 0 ? 'no tick yet\n' : table([heading, ...ticks.map(row)])}`;
}

const heading = ['TICK (UTC)', 'STATE', 'MISSED BEFORE', 'STARTED', 'RESUMED', 'SKIPPED', 'WAITING', 'FAILED', 'ERROR'];

function row({ at, state, missed, inputs, error }: TickView): string[] {
  const { started, resumed, skipped, queued, failed } = inputs;
  return [
    moment(at),
    state,
    ...[missed, started, resumed, skipped, queued, failed].map(number),
    error ? brief(error.message) : '-',
  ];
}
