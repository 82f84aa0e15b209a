import { defineWork } from '../../src/model/work.ts';

/** The length of each line plus a bonus. */
export default defineWork({
  setup: ({ settings }: { settings: { bonus: number } }) => ({ bonus: settings.bonus }),
  each: (line: string, { resource, count }) => {
    if (line === '') throw new Error('an empty line');
    count('lines');
    return line.length + resource.bonus;
  },
});
