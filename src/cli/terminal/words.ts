import { oneLine } from './printable.ts';

/** A whole number with commas: `1,234,567`. */
export function number(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** A length of time as people say it: `850 ms`, `4.2 s`, `2m 10s`, `3h 05m`, `2d 4h`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h ${two(Math.floor((seconds % 3_600) / 60))}m`;
  return `${Math.floor(seconds / 86_400)}d ${Math.floor((seconds % 86_400) / 3_600)}h`;
}

/** A moment in UTC, to the second: `2026-11-21 22:47:05`. */
export function moment(ms: number | null): string {
  return ms === null ? '-' : new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/** Rows as columns, each as wide as its widest cell. A cell is one line, whatever is in it. */
export function table(given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map(oneLine));
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}

/** Names with their texts, one a line, the texts below each other. Pairs without a text are left out. */
export function facts(pairs: readonly (readonly [name: string, text: string | undefined])[]): string {
  return table(pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined));
}

/** The first line of a text, at most so long. */
export function brief(text: string, width = 100): string {
  const line = text.split('\n', 1)[0] ?? '';
  return line.length > width ? `${line.slice(0, width - 1)}…` : line;
}

/** What went wrong, with its code in front; the system's own messages begin with theirs. */
export function withCode(code: string | undefined, message: string): string {
  return code === undefined || message.startsWith(`${code}:`) ? message : `${code}: ${message}`;
}

/** A word of a shell command, in quotes where it needs them. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
