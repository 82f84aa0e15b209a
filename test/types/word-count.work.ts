// What a work's author writes: this file is checked, not run.
import { defineWork, PermanentError, RetryError, type SetupContext } from '../../src/work.ts';

export interface Line {
  id: string;
  text: string;
  at: number;
}

declare function open(words: string): Promise<{ count(text: string): number; close(): void }>;

export default defineWork({
  setup: async ({ settings }: SetupContext<{ words: string }>) => open(settings.words),
  each: async (line: Line, { resource, settings, signal, attempt, taskId, executionId, tempDir, log }) => {
    if (!line.text) throw new PermanentError('no text');
    if (attempt < 2 && settings.words === '') throw new RetryError('not yet', { after: '5s' });
    signal.throwIfAborted();
    log.info({ taskId, executionId }, await tempDir());
    return resource.count(line.text);
  },
  teardown: (resource) => resource.close(),
});
