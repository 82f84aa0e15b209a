import type { StagedFile } from '../../output/staged-file.ts';
import { type OutputWriter, skip } from './output-writer.ts';
import type { RunSummary } from './shapes.ts';

/** `summary.json`: what happened to every row, and what it took. */
export function createSummaryJson(file: StagedFile, summary: RunSummary): OutputWriter {
  return {
    begin: skip,
    openTrack: skip,
    addPiece: skip,
    closeTrack: skip,
    end: () => file.add(`${JSON.stringify(summaryRecord(summary), null, 2)}\n`),
  };
}

/** The summary in seconds. No time passed: no speed is claimed. */
export function summaryRecord(summary: RunSummary): Readonly<Record<string, unknown>> {
  const { inputs, rows, valid, skipped, duplicates, outliers, dwelling, lonely, tracks, chunks, joined, elapsedMs } = summary;
  return {
    ...(inputs && { inputs }),
    rows,
    valid,
    skipped: Object.fromEntries(Object.entries(skipped).sort(byName)),
    duplicates,
    outliers,
    dwelling,
    lonely,
    tracks,
    chunks,
    joined,
    seconds: Math.round(elapsedMs) / 1000,
    points_per_second: elapsedMs > 0 ? Math.round((valid / elapsedMs) * 1000) : null,
  };
}

function byName([a]: readonly [string, number], [b]: readonly [string, number]): number {
  return a < b ? -1 : 1;
}
