import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Runs a file of this folder in a process of its own, whose memory nothing else has touched, and resolves with what it sends.
 *
 * @param name - Without its ending: `.ts` from the sources, `.js` compiled.
 */
export function inFreshProcess<Answer>(name: string, args: readonly string[]): Promise<Answer> {
  const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const file = fileURLToPath(new URL(`${name}${ending}`, import.meta.url));
  return new Promise((resolve, reject) => {
    const child = fork(file, args, { execArgv: [...new Set([...process.execArgv, '--expose-gc'])] });
    let answer: Answer | undefined;
    child.on('message', (message) => {
      answer = message as Answer;
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (answer !== undefined && code === 0) resolve(answer);
      else reject(new Error(`${name} ${args.join(' ')} ended without an answer (${signal ?? `code ${code}`})`));
    });
  });
}
