import { openCache } from '../../workloads/caches/open-cache.ts';
import { defineCommand } from '../arguments/command.ts';
import { text } from '../arguments/options.ts';
import { exitCodes } from '../exit-code.ts';
import { number } from '../terminal/words.ts';
import { openPlan, sharedCache } from '../warm/open-plan.ts';

/** `millrace warm clear`: deletes the values of a config from its cache. */
export const command = defineCommand({
  name: 'warm clear',
  summary: 'Deletes the values of a config from its cache.',
  operands: 'CONFIG',
  minOperands: 1,
  maxOperands: 1,
  options: {
    cache: text('CACHE', "sqlite:FILE or redis://HOST:PORT (default the config's)"),
    group: text('NAME', 'Only the values of this group'),
  },
  notes: ['Whoever asks the cache then finds nothing: to renew values without a hole, use millrace warm --refresh.'],
  examples: ['millrace warm clear dashboards.json --cache redis://127.0.0.1:6379'],
  async run({ operands: [file = ''], options: { cache: asked, group }, terminal }) {
    const plan = await openPlan(file);
    const cache = await openCache(sharedCache(asked, plan, 'millrace warm clear'));
    try {
      let deleted = await cache.deletePrefix(group === undefined ? `${plan.prefix}:` : `${plan.prefix}:${group}:`);
      // What interrupted refreshes had loaded, and not yet put in its place.
      if (group === undefined) deleted += await cache.deletePrefix(`${plan.prefix}~`);
      terminal.answer({ deleted }, () => `${number(deleted)} values deleted.\n`);
      return exitCodes.complete;
    } finally {
      await cache.close();
    }
  },
});
