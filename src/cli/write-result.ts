import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from '../model/outcome.ts';
import { jsonText } from './terminal/json-text.ts';

/** Writes the result of a completed session as `result.json` into a folder: whole or not at all. */
export function writeResult(folder: string, outcome: Outcome<unknown>): void {
  if (outcome.status !== 'completed') return;
  mkdirSync(folder, { recursive: true });
  const target = join(folder, 'result.json');
  const draft = `${target}.tmp-${outcome.sessionId}`;
  // One that a killed run has left; and never through a link that somebody put there.
  rmSync(draft, { force: true });
  writeFileSync(draft, `${jsonText(outcome.result)}\n`, { flag: 'wx' });
  renameSync(draft, target);
}
