import { readFileSync, statSync } from 'node:fs';
import { defineCommand } from '../arguments/command.ts';
import { refuse, text } from '../arguments/options.ts';
import { executor, workers } from '../arguments/units.ts';
import { loadJob } from '../load-job.ts';
import { tellOutcome } from '../outcome-answer.ts';
import { openRunStore } from '../store/run-store.ts';
import { shellWord } from '../terminal/words.ts';
import { withEngine } from '../with-engine.ts';
import { writeResult } from '../write-result.ts';

/** `millrace run`: runs a job of the user's own. */
export const command = defineCommand({
  name: 'run',
  summary: 'Runs a job of your own, and prints its result as JSON.',
  operands: 'JOB.ts',
  minOperands: 1,
  maxOperands: 1,
  options: {
    input: text('JSON|@FILE', "The job's input: JSON, or a file that holds it (default null)"),
    export: text('NAME', 'Which of the exported jobs (default: the default export, or the only job)'),
    workers,
    executor,
    store: text('STORE', 'Where the run is kept: sqlite:FILE, a folder, or memory (default the output folder, else memory)'),
    out: text('DIR', 'Folder for result.json and the store'),
  },
  notes: ['JOB.ts exports what defineJob(...) returns. TypeScript needs Node 22.18 or newer, or: npm install tsx'],
  examples: [
    `millrace run word-count.ts --input '{"file":"big.txt"}'`,
    'millrace run jobs.ts --export wordCount --input @input.json --out counts',
    'millrace resume counts --job jobs.ts --export wordCount',
  ],
  async run({ operands: [file = ''], options, terminal }) {
    const input = readInput(options.input);
    const job = await loadJob(file, options.export);
    const { store, name } = await openRunStore(options.store, options.out, terminal);
    let sessionId: string | undefined;
    const hint = (): string => {
      if (sessionId === undefined) return 'Nothing had been started.';
      if (name === null) return 'The run was kept in memory only: start it again. --out or --store keeps the next one.';
      const words = [
        'millrace',
        'resume',
        name,
        sessionId,
        '--job',
        file,
        ...(options.export ? ['--export', options.export] : []),
        // A folder that holds the store is found by itself.
        ...(options.out !== undefined && options.store !== undefined ? ['--out', options.out] : []),
      ];
      return `To go on: ${words.map(shellWord).join(' ')}`;
    };
    return withEngine(
      { terminal, store, jobs: [job], workers: options.workers, executor: options.executor, hint },
      async (running) => {
        const session = await running.engine.start(job, input);
        sessionId = session.id;
        if (!session.started) terminal.note(`Going on with session ${session.id}, which has the same key.`);
        running.watch(session, job.name);
        const outcome = await session.outcome();
        if (options.out !== undefined) writeResult(options.out, outcome);
        return tellOutcome(terminal, outcome);
      },
    );
  },
});

function readInput(given: string | undefined): unknown {
  if (given === undefined) return null;
  const json = given.startsWith('@') ? readInputFile(given) : given;
  try {
    return JSON.parse(json);
  } catch (error) {
    return refuse('input', given, `JSON, or @FILE with JSON in it (${(error as Error).message})`);
  }
}

function readInputFile(given: string): string {
  const file = given.slice(1);
  try {
    // A pipe or a device may never end.
    if (!statSync(file).isFile()) throw new Error(`${file} is no regular file`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    return refuse('input', given, `a file that can be read (${(error as Error).message})`);
  }
}
