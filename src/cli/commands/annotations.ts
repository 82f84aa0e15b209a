import { join, resolve } from 'node:path';
import type { Session } from '../../engine/api/session.ts';
import { type AnnotationsReport, annotationsJobs, runAnnotations } from '../../workloads/annotations/run-annotations.ts';
import { outputNames } from '../../workloads/annotations/write-annotations.ts';
import { dropEarlier, giveUpEarlier } from '../annotations/earlier-runs.ts';
import { defineCommand } from '../arguments/command.ts';
import { flag, oneOf, text, wholeNumber } from '../arguments/options.ts';
import { executor, workers } from '../arguments/units.ts';
import { UsageError } from '../arguments/usage-error.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { openRunStore } from '../store/run-store.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { brief, facts, number, shellWord } from '../terminal/words.ts';
import { withEngine } from '../with-engine.ts';

/** `millrace annotations`: checks annotated texts and aligns them with their documents. */
export const command = defineCommand({
  name: 'annotations',
  summary:
    'Checks annotated texts and aligns them with their documents: annotations.jsonl, lines.tsv, batches.tsv, summary.json.',
  operands: 'FILE...',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  options: {
    docs: text('DOCS.jsonl', 'The documents: a line of JSON each, with sourcedb, sourceid and text (needed)'),
    out: text('DIR', 'Folder for the outputs (default annotations)'),
    mode: oneOf(['add', 'replace'], 'Whether a document may have several records, or one (default add)'),
    'on-duplicate': oneOf(['error', 'first', 'last', 'merge'], 'With --mode replace, what is done with several (default error)'),
    'batch-items': wholeNumber('N', 1, 1_000_000, 'Annotations in a batch; changes speed, never results (default 500)'),
    'max-depth': wholeNumber('N', 1, 500, 'Brackets within brackets that a line may have (default 100)'),
    workers,
    executor,
    store: text('STORE', 'Where the run is kept: sqlite:FILE, a folder, or memory (default the output folder)'),
    fresh: flag('Give up a run that was interrupted in this folder, and begin anew'),
  },
  notes: [
    'FILE has a record a line (.jsonl), is one record (.json), or an archive of such files (.tgz).',
    'Exit codes: 0 all accepted, 1 some refused, 2 bad usage or several records of a document in --mode replace, 3 failed.',
    'Called again after an interruption, it goes on where it was.',
  ],
  examples: [
    'millrace annotations --docs docs.jsonl corpus.jsonl',
    'millrace annotations --docs docs.jsonl --out ge --mode replace --on-duplicate last ge.tgz',
  ],
  async run({ operands, options: given, terminal }) {
    const { docs, out = 'annotations', fresh } = given;
    if (docs === undefined)
      throw new UsageError('millrace annotations needs --docs DOCS.jsonl: the documents of the annotations.');
    const { store, name } = await openRunStore(given.store, out, terminal);
    const hint = (begun: boolean): string => {
      if (!begun) return 'Nothing had been started.';
      return name === null ? 'The run was kept in memory only: start it again.' : 'To go on: call the same command again.';
    };
    const call = { terminal, store, jobs: annotationsJobs, workers: given.workers, executor: given.executor, hint };
    return withEngine(call, async ({ engine, watch }) => {
      if (fresh === true) await giveUpEarlier(engine, out);
      const report = await runAnnotations(
        engine,
        { files: operands, references: docs, out, options: annotationsOptions(given) },
        {
          onSession: (session, stage) => watch(session as Session<unknown, unknown>, stage === 'check' ? 'checking' : 'aligning'),
        },
      );
      if (report.status === 'completed') await dropEarlier(engine, out);
      return tell(terminal, report, out, name);
    });
  },
});

type Given = { readonly mode?: 'add' | 'replace'; readonly 'on-duplicate'?: 'error' | 'first' | 'last' | 'merge' } & {
  readonly [Name in 'batch-items' | 'max-depth']?: number;
};

/** What was not given is left out: the workload has the defaults. */
function annotationsOptions({ mode, ...rest }: Given) {
  const { 'on-duplicate': onDuplicate, 'batch-items': batchItems, 'max-depth': maxDepth } = rest;
  return {
    ...(mode && { mode }),
    ...(onDuplicate && { onDuplicate }),
    ...(batchItems !== undefined && { batchItems }),
    ...(maxDepth !== undefined && { maxDepth }),
  };
}

function tell(terminal: Terminal, report: AnnotationsReport, out: string, storeName: string | null): ExitCode {
  if (report.status === 'duplicates') {
    terminal.answer(report, () => '');
    terminal.complain(
      `${number(report.records)} records have a document that an earlier record has, and --mode replace takes one a document: ${report.examples.join(', ')}. Nothing was begun; --on-duplicate first, last or merge says what to do with them.`,
    );
    return exitCodes.usage;
  }
  const { summary, sessionId, outcome } = report;
  const files = outputNames.map((file) => join(resolve(out), file));
  terminal.answer({ status: 'completed', sessionId, out: resolve(out), files, summary }, () =>
    answerText(report, out, storeName),
  );
  for (const { items, message, category, examples } of outcome.failures) {
    terminal.complain(`${number(items)} failed (${category}): ${brief(message)}; such as ${examples.join(', ')}`);
  }
  return summary.refused > 0 ? exitCodes.withFailures : exitCodes.complete;
}

type Completed = Extract<AnnotationsReport, { status: 'completed' }>;

function answerText({ summary }: Completed, out: string, storeName: string | null): string {
  const { denotations, blocks, relations, attributes } = summary;
  const listed = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${number(count)} ${name}`)
      .join(', ');
  return facts([
    ['accepted', `${number(summary.accepted)} of ${number(summary.lines - summary.blank)} records`],
    ['refused', summary.refused > 0 ? listed(summary.codes) : undefined],
    ['aligned', summary.accepted > 0 ? listed(summary.alignments) : undefined],
    ['items', listed({ denotations, blocks, relations, attributes })],
    ['batches', number(summary.batches)],
    ...outputNames.map((file, place) => [place === 0 ? 'outputs' : '', join(out, file)] as const),
    ['look', storeName === null ? undefined : `millrace show ${shellWord(storeName)}`],
  ]);
}
