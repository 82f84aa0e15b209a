import type { Comparison } from '../../adapters/stores/shadow/compare.ts';
import { number, table } from '../terminal/words.ts';

/** A comparison for people. */
export function comparisonText({ ratio, rows, equal, tables, differences }: Comparison): string {
  const heads = ['TABLE', 'ROWS', 'EQUAL', 'MISSING', 'EXTRA', 'DIFFERING'];
  const lines = Object.entries(tables).map(([name, counts]) => [
    name,
    ...[counts.rows, counts.equal, counts.missing, counts.extra, counts.differing].map(number),
  ]);
  const verdict =
    rows === equal ? `All ${number(rows)} rows are equal.` : `${number(rows - equal)} of ${number(rows)} rows differ.`;
  return `${table([heads, ...lines])}\n${verdict} Ratio ${ratio.toFixed(6)}.\n${listText(differences, rows - equal)}`;
}

function listText(differences: Comparison['differences'], all: number): string {
  if (differences.length === 0) return '';
  const lines = differences.map(({ difference, table: name, key, fields = [] }) => [difference, name, key, fields.join(', ')]);
  const rest = all > differences.length ? `... and ${number(all - differences.length)} more (--limit).\n` : '';
  return `\n${table(lines)}${rest}`;
}
