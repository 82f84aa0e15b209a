import { writeFiles } from '../output/write-files.ts';
import type { ItemReport, WarmReport } from './report.ts';

/** The files of a report. */
export const reportFiles = ['items.tsv', 'summary.json'] as const;

const columns = ['cacheKey', 'label', 'status', 'error', 'rows', 'bytes', 'sha1', 'ms'] as const;

/** Writes `items.tsv`, a row an item, and `summary.json` into a folder, whole or not at all. */
export function writeReport(folder: string, report: WarmReport): Promise<void> {
  const { items, failures: _, ...summary } = report;
  return writeFiles(folder, reportFiles, async ([rows, facts]) => {
    rows?.add(`${columns.join('\t')}\n`);
    for (const item of items) {
      rows?.add(`${columns.map((column) => cell(item[column])).join('\t')}\n`);
      await rows?.flush();
    }
    facts?.add(`${JSON.stringify(summary, null, 2)}\n`);
  });
}

/** A tab or a line break in a text would make another cell of it. */
function cell(value: ItemReport[(typeof columns)[number]]): string {
  return value === null ? '' : String(value).replace(/[\t\r\n]+/g, ' ');
}
