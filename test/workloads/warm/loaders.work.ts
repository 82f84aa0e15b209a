import { appendFileSync } from 'node:fs';
import { defineLoaders } from '../../../src/workloads/warm/define-loaders.ts';

/** Keys name a witness file, and what is to become of them: `FILE|ok`, `FILE|throw`, `FILE|hang`, `FILE|exit`, `FILE|empty`. */
export default defineLoaders({
  setup: () => ({ opened: process.pid }),
  teardown: () => undefined,
  loaders: {
    value: async (key, signal, { opened }) => {
      const [file = '', fate, name] = String(key).split('|');
      appendFileSync(file, `${name}\n`);
      if (fate === 'throw') throw Object.assign(new Error('the partner is away'), { code: 'EAWAY' });
      if (fate === 'exit') process.exit(3);
      if (fate === 'hang') await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      if (fate === 'empty') return [];
      return { name, isSetUp: opened > 0 };
    },
    twice: (key) => [String(key), String(key)],
  },
});
