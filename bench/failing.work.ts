import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { defineWork } from '../src/work.ts';
import { type FailingItem, machineMs } from './failing.ts';

/** Fails as it is told, after a moment in which whoever watches begins to listen. The first line of the note is when. */
export default defineWork({
  each: async ({ failure, noteIn }: FailingItem): Promise<undefined> => {
    if (failure !== 'spin') await delay(50);
    appendFileSync(noteIn, `${machineMs()}\n`);
    switch (failure) {
      case 'throw':
        throw new Error('thrown');
      case 'exit':
        process.exit(7);
        break;
      case 'crash':
        process.kill(process.pid, 'SIGSEGV');
        return delay(60_000);
      case 'spin':
        for (;;);
      case 'wait':
        return delay(60_000);
    }
  },
});
