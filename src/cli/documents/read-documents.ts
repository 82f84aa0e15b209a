import { basename } from 'node:path';
import { type DocumentReport, type DocumentsRequest, runDocuments } from '../../workloads/documents/run-documents.ts';
import type { WorkloadEngine } from '../../workloads/engine-part.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { brief, number, table } from '../terminal/words.ts';
import type { Running } from '../with-engine.ts';

/** Reads documents as asked, or goes on with what was interrupted, and shows how far each is. */
export function readDocuments({ engine, watch }: Running, request: DocumentsRequest): Promise<DocumentReport[]> {
  const watched: WorkloadEngine = {
    store: engine.store,
    find: (job, by) => engine.find(job, by),
    async start(job, input, options) {
      const session = await engine.start(job, input, options);
      const { metadata } = await session.state();
      watch(session, typeof metadata.file === 'string' ? basename(metadata.file) : 'opening');
      return session;
    },
  };
  return runDocuments(watched, request);
}

/** Answers for documents that were read, each with what came of it. */
export function tellDocuments(terminal: Terminal, reports: readonly DocumentReport[]): ExitCode {
  const complete = reports.filter(({ status }) => status === 'completed').length;
  const failed = reports.filter(({ status }) => status === 'failed').length;
  const status = complete === reports.length ? 'completed' : failed === reports.length ? 'failed' : 'partial';
  terminal.answer({ status, documents: reports }, () =>
    table([
      ['document', 'status', 'pages', 'sentences', 'tokens', 'missing'],
      ...reports.map((report) => [
        basename(report.file),
        report.status,
        number(report.pages),
        number(report.sentences),
        number(report.tokens),
        missingIn(report),
      ]),
    ]),
  );
  const codes = { completed: exitCodes.complete, partial: exitCodes.withFailures, failed: exitCodes.failed };
  return codes[status];
}

function missingIn({ code, reason, failedPages }: DocumentReport): string {
  if (code !== undefined) return `${code}: ${brief(reason ?? '')}`;
  const pages = failedPages.slice(0, 10).join(', ');
  return failedPages.length === 0 ? '' : `page ${pages}${failedPages.length > 10 ? ', ...' : ''}`;
}
